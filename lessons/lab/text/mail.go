package text

import "strings"

// Mail is what lies in the lab's mailboxes, RFC 5322. Lines end in CRLF.
var Mail = []string{
	crlf(`Date: Mon, 05 Jan 2026 09:00:00 +0000
From: Postmaster <postmaster@lab.test>
To: Guest <guest@lab.test>
Subject: Welcome
Message-ID: <1@lab.test>

This mailbox was here before you came, and it is the same for everyone.
Read, mark and delete as you like: the next connection finds it whole.
`),
	crlf(`Date: Tue, 06 Jan 2026 09:00:00 +0000
From: Postmaster <postmaster@lab.test>
To: Guest <guest@lab.test>
Subject: A period
Message-ID: <2@lab.test>

The next line is a period and nothing else.
.
A message that ended there would have been cut in two.
`),
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
