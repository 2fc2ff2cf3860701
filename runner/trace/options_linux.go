//go:build amd64 || arm64

package trace

import "golang.org/x/sys/unix"

// levels are what setsockopt sets options of. The numbers are those of IP
// protocols and, from 256 on, of families.
var levels = map[uint64]string{
	unix.SOL_SOCKET:  "SOL_SOCKET",
	unix.SOL_IP:      "SOL_IP",
	unix.SOL_TCP:     "SOL_TCP",
	unix.IPPROTO_UDP: "SOL_UDP",
	unix.SOL_IPV6:    "SOL_IPV6",
	unix.SOL_ICMPV6:  "SOL_ICMPV6",
	unix.SOL_RAW:     "SOL_RAW",
	unix.SOL_PACKET:  "SOL_PACKET",
	unix.SOL_NETLINK: "SOL_NETLINK",
	unix.SOL_MPTCP:   "SOL_MPTCP",
}

// optionNames are the options of each level.
var optionNames = map[uint64]map[uint64]string{
	unix.SOL_SOCKET:  socketOptions,
	unix.SOL_IP:      ipOptions,
	unix.SOL_TCP:     tcpOptions,
	unix.SOL_IPV6:    ipv6Options,
	unix.SOL_PACKET:  packetOptions,
	unix.SOL_NETLINK: netlinkOptions,
}

// socketOptions are those of every socket, socket(7).
var socketOptions = map[uint64]string{
	unix.SO_DEBUG:         "SO_DEBUG",
	unix.SO_REUSEADDR:     "SO_REUSEADDR",
	unix.SO_TYPE:          "SO_TYPE",
	unix.SO_ERROR:         "SO_ERROR",
	unix.SO_DONTROUTE:     "SO_DONTROUTE",
	unix.SO_BROADCAST:     "SO_BROADCAST",
	unix.SO_SNDBUF:        "SO_SNDBUF",
	unix.SO_RCVBUF:        "SO_RCVBUF",
	unix.SO_SNDBUFFORCE:   "SO_SNDBUFFORCE",
	unix.SO_RCVBUFFORCE:   "SO_RCVBUFFORCE",
	unix.SO_KEEPALIVE:     "SO_KEEPALIVE",
	unix.SO_OOBINLINE:     "SO_OOBINLINE",
	unix.SO_PRIORITY:      "SO_PRIORITY",
	unix.SO_LINGER:        "SO_LINGER",
	unix.SO_REUSEPORT:     "SO_REUSEPORT",
	unix.SO_PASSCRED:      "SO_PASSCRED",
	unix.SO_PEERCRED:      "SO_PEERCRED",
	unix.SO_RCVLOWAT:      "SO_RCVLOWAT",
	unix.SO_SNDLOWAT:      "SO_SNDLOWAT",
	unix.SO_RCVTIMEO:      "SO_RCVTIMEO",
	unix.SO_SNDTIMEO:      "SO_SNDTIMEO",
	unix.SO_BINDTODEVICE:  "SO_BINDTODEVICE",
	unix.SO_ATTACH_FILTER: "SO_ATTACH_FILTER",
	unix.SO_DETACH_FILTER: "SO_DETACH_FILTER",
	unix.SO_TIMESTAMP:     "SO_TIMESTAMP",
	unix.SO_ACCEPTCONN:    "SO_ACCEPTCONN",
	unix.SO_PEERSEC:       "SO_PEERSEC",
	unix.SO_PASSSEC:       "SO_PASSSEC",
	unix.SO_TIMESTAMPNS:   "SO_TIMESTAMPNS",
	unix.SO_MARK:          "SO_MARK",
	unix.SO_TIMESTAMPING:  "SO_TIMESTAMPING",
	unix.SO_PROTOCOL:      "SO_PROTOCOL",
	unix.SO_DOMAIN:        "SO_DOMAIN",
	unix.SO_RXQ_OVFL:      "SO_RXQ_OVFL",
	unix.SO_PEEK_OFF:      "SO_PEEK_OFF",
	unix.SO_BUSY_POLL:     "SO_BUSY_POLL",
	unix.SO_INCOMING_CPU:  "SO_INCOMING_CPU",
	unix.SO_COOKIE:        "SO_COOKIE",
	unix.SO_ZEROCOPY:      "SO_ZEROCOPY",
	unix.SO_PEERPIDFD:     "SO_PEERPIDFD",
}

// tcpOptions are those of tcp(7).
var tcpOptions = map[uint64]string{
	unix.TCP_NODELAY:          "TCP_NODELAY",
	unix.TCP_MAXSEG:           "TCP_MAXSEG",
	unix.TCP_CORK:             "TCP_CORK",
	unix.TCP_KEEPIDLE:         "TCP_KEEPIDLE",
	unix.TCP_KEEPINTVL:        "TCP_KEEPINTVL",
	unix.TCP_KEEPCNT:          "TCP_KEEPCNT",
	unix.TCP_SYNCNT:           "TCP_SYNCNT",
	unix.TCP_LINGER2:          "TCP_LINGER2",
	unix.TCP_DEFER_ACCEPT:     "TCP_DEFER_ACCEPT",
	unix.TCP_WINDOW_CLAMP:     "TCP_WINDOW_CLAMP",
	unix.TCP_INFO:             "TCP_INFO",
	unix.TCP_QUICKACK:         "TCP_QUICKACK",
	unix.TCP_CONGESTION:       "TCP_CONGESTION",
	unix.TCP_USER_TIMEOUT:     "TCP_USER_TIMEOUT",
	unix.TCP_FASTOPEN:         "TCP_FASTOPEN",
	unix.TCP_NOTSENT_LOWAT:    "TCP_NOTSENT_LOWAT",
	unix.TCP_FASTOPEN_CONNECT: "TCP_FASTOPEN_CONNECT",
	unix.TCP_INQ:              "TCP_INQ",
	unix.TCP_ULP:              "TCP_ULP",
}

// ipOptions are those of ip(7).
var ipOptions = map[uint64]string{
	unix.IP_TOS:                  "IP_TOS",
	unix.IP_TTL:                  "IP_TTL",
	unix.IP_HDRINCL:              "IP_HDRINCL",
	unix.IP_OPTIONS:              "IP_OPTIONS",
	unix.IP_ROUTER_ALERT:         "IP_ROUTER_ALERT",
	unix.IP_RECVOPTS:             "IP_RECVOPTS",
	unix.IP_RETOPTS:              "IP_RETOPTS",
	unix.IP_PKTINFO:              "IP_PKTINFO",
	unix.IP_MTU_DISCOVER:         "IP_MTU_DISCOVER",
	unix.IP_RECVERR:              "IP_RECVERR",
	unix.IP_RECVTTL:              "IP_RECVTTL",
	unix.IP_RECVTOS:              "IP_RECVTOS",
	unix.IP_MTU:                  "IP_MTU",
	unix.IP_FREEBIND:             "IP_FREEBIND",
	unix.IP_TRANSPARENT:          "IP_TRANSPARENT",
	unix.IP_MINTTL:               "IP_MINTTL",
	unix.IP_BIND_ADDRESS_NO_PORT: "IP_BIND_ADDRESS_NO_PORT",
	unix.IP_RECVORIGDSTADDR:      "IP_RECVORIGDSTADDR",
	unix.IP_MULTICAST_IF:         "IP_MULTICAST_IF",
	unix.IP_MULTICAST_TTL:        "IP_MULTICAST_TTL",
	unix.IP_MULTICAST_LOOP:       "IP_MULTICAST_LOOP",
	unix.IP_ADD_MEMBERSHIP:       "IP_ADD_MEMBERSHIP",
	unix.IP_DROP_MEMBERSHIP:      "IP_DROP_MEMBERSHIP",
	unix.IP_MULTICAST_ALL:        "IP_MULTICAST_ALL",
}

// ipv6Options are those of ipv6(7).
var ipv6Options = map[uint64]string{
	unix.IPV6_UNICAST_HOPS:   "IPV6_UNICAST_HOPS",
	unix.IPV6_MULTICAST_IF:   "IPV6_MULTICAST_IF",
	unix.IPV6_MULTICAST_HOPS: "IPV6_MULTICAST_HOPS",
	unix.IPV6_MULTICAST_LOOP: "IPV6_MULTICAST_LOOP",
	unix.IPV6_JOIN_GROUP:     "IPV6_JOIN_GROUP",
	unix.IPV6_LEAVE_GROUP:    "IPV6_LEAVE_GROUP",
	unix.IPV6_MTU_DISCOVER:   "IPV6_MTU_DISCOVER",
	unix.IPV6_MTU:            "IPV6_MTU",
	unix.IPV6_RECVERR:        "IPV6_RECVERR",
	unix.IPV6_V6ONLY:         "IPV6_V6ONLY",
	unix.IPV6_RECVPKTINFO:    "IPV6_RECVPKTINFO",
	unix.IPV6_PKTINFO:        "IPV6_PKTINFO",
	unix.IPV6_RECVHOPLIMIT:   "IPV6_RECVHOPLIMIT",
	unix.IPV6_HOPLIMIT:       "IPV6_HOPLIMIT",
	unix.IPV6_RECVTCLASS:     "IPV6_RECVTCLASS",
	unix.IPV6_TCLASS:         "IPV6_TCLASS",
	unix.IPV6_DONTFRAG:       "IPV6_DONTFRAG",
	unix.IPV6_FREEBIND:       "IPV6_FREEBIND",
	unix.IPV6_CHECKSUM:       "IPV6_CHECKSUM",
}

// packetOptions are those of packet(7).
var packetOptions = map[uint64]string{
	unix.PACKET_ADD_MEMBERSHIP:  "PACKET_ADD_MEMBERSHIP",
	unix.PACKET_DROP_MEMBERSHIP: "PACKET_DROP_MEMBERSHIP",
	unix.PACKET_AUXDATA:         "PACKET_AUXDATA",
	unix.PACKET_STATISTICS:      "PACKET_STATISTICS",
	unix.PACKET_RX_RING:         "PACKET_RX_RING",
	unix.PACKET_TX_RING:         "PACKET_TX_RING",
	unix.PACKET_VERSION:         "PACKET_VERSION",
	unix.PACKET_FANOUT:          "PACKET_FANOUT",
	unix.PACKET_QDISC_BYPASS:    "PACKET_QDISC_BYPASS",
	unix.PACKET_IGNORE_OUTGOING: "PACKET_IGNORE_OUTGOING",
}

// netlinkOptions are those of netlink(7).
var netlinkOptions = map[uint64]string{
	unix.NETLINK_ADD_MEMBERSHIP:  "NETLINK_ADD_MEMBERSHIP",
	unix.NETLINK_DROP_MEMBERSHIP: "NETLINK_DROP_MEMBERSHIP",
	unix.NETLINK_PKTINFO:         "NETLINK_PKTINFO",
	unix.NETLINK_EXT_ACK:         "NETLINK_EXT_ACK",
	unix.NETLINK_GET_STRICT_CHK:  "NETLINK_GET_STRICT_CHK",
	unix.NETLINK_CAP_ACK:         "NETLINK_CAP_ACK",
	unix.NETLINK_NO_ENOBUFS:      "NETLINK_NO_ENOBUFS",
}
