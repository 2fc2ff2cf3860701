package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// forkBomb starts itself until it can't, and so do those that it has started.
func forkBomb([]string) {
	for n := 0; ; n++ {
		cmd := exec.Command(os.Args[0], "forkbomb")
		cmd.Stdout = os.Stdout
		if err := cmd.Start(); err != nil {
			try("fork", err)
			time.Sleep(time.Minute)
		}
	}
}

func prints([]string) {
	for {
		fmt.Println("all work and no play makes Jack a dull boy")
	}
}

func spins([]string) {
	for {
	}
}

var hog [][]byte

// hogs takes memory and uses it.
func hogs([]string) {
	for {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		hog = append(hog, b)
		if len(hog)%16 == 0 {
			fmt.Println(len(hog), "MiB")
		}
	}
}

// threads takes threads.
func threads([]string) {
	for n := range 100000 {
		started := make(chan bool)
		go func() {
			runtime.LockOSThread()
			started <- true
			select {}
		}()
		<-started
		if n%10 == 0 {
			fmt.Println(n)
		}
	}
}

// daemon leaves a process that no group, session or mark ties to it.
func daemon([]string) {
	cmd := exec.Command(os.Args[0], "daemon's child")
	cmd.Env = []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	try("daemon", cmd.Start())
}

func sleeps([]string) { time.Sleep(time.Minute) }
