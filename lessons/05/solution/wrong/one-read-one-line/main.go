// Caught by: TwoLinesInOneSegment, OneByteAtATime, LineEnds, LastLine, LongestLine, LineTooLong, TooLongAtOnce, FewReads, NULBytes, ResetMidLine.
//
// It takes what a read brings for a line.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
)

func main() {
	most := 4096
	var err error
	if len(os.Args) == 3 {
		most, err = strconv.Atoi(os.Args[2])
	}
	if len(os.Args) < 2 || len(os.Args) > 3 || err != nil || most < 1 {
		fmt.Fprintln(os.Stderr, "usage: linereader HOST:PORT [MAX]")
		os.Exit(2)
	}
	if err := run(os.Args[1], most); err != nil {
		fmt.Fprintln(os.Stderr, "linereader:", err)
		os.Exit(1)
	}
}

func run(address string, most int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	for buf := make([]byte, most); ; {
		n, err := conn.Read(buf)
		if errors.Is(err, io.EOF) {
			fmt.Println("end")
			return nil
		}
		if err != nil {
			return err
		}
		line := bytes.TrimRight(buf[:n], "\r\n")
		fmt.Printf("%d %q\n", len(line), line)
	}
}
