package page

// plan is the whole course: what is there and what is to come. A lesson that is
// there has its title from its own front matter.
var plan = []planPart{
	{"A client, from the beginning", "From what a user types to the last byte of a reply.", []planLesson{
		{"01", "Hosts, ports, services"},
		{"02", "Arguments"},
		{"03", "Create a socket"},
		{"04", "Connect"},
		{"05", "Wrap it as a reader"},
		{"06", "Read: finish the program"},
		{"07", "What net.Dial did for you"},
		{"08", "Names: DNS by hand"},
		{"09", "Two Internets"},
	}},
	{"Other families, other types", "Datagrams, records, paths, and what lies under the floor.", []planLesson{
		{"10", "UDP: messages, not streams"},
		{"11", "Reliability over datagrams"},
		{"12", "UNIX sockets"},
		{"13", "Records: SEQPACKET"},
		{"14", "RAW and ICMP"},
	}},
	{"Streams, done right", "Many clients, messages, deadlines, endings, slow readers.", []planLesson{
		{"15", "Servers: listen, accept, serve many"},
		{"16", "Framing"},
		{"17", "Deadlines and cancellation"},
		{"18", "Endings"},
		{"19", "Backpressure, buffers, options"},
	}},
	{"Protocols people use", "HTTP, mail, files and TLS, spoken by hand first.", []planLesson{
		{"20", "HTTP by hand, then net/http"},
		{"21", "Conversations: SMTP, POP3, IMAP, FTP"},
		{"22", "TLS"},
	}},
	{"How it works, and production", "The poller, proxies, shutting down, and a service of your own.", []planLesson{
		{"23", "epoll and Go's netpoller"},
		{"24", "Proxies, sendfile, splice"},
		{"25", "Graceful shutdown and survival"},
		{"26", "Capstone: a key-value service"},
	}},
}

type planPart struct {
	Title, Intro string
	Lessons      []planLesson
}

type planLesson struct{ Number, Title string }
