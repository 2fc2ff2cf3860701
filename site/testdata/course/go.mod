module sockets

go 1.26.0
