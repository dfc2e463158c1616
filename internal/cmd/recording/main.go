// Command recording makes an SVG of what a program prints on a terminal: the demo's, for the README.
//
//	script -qec .cache/bin/demo /dev/null | recording -title "make demo" >demo.svg
//
// The picture plays by itself where CSS animations are shown, as they are on GitHub.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	title := flag.String("title", "", "what the window's title `says`")
	command := flag.String("command", "", "the `command` that the first line shows")
	flag.Parse()
	if err := record(os.Stdin, os.Stdout, *title, *command); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func record(from io.Reader, to io.Writer, title, command string) error {
	var lines [][]span
	if command != "" {
		lines = append(lines, []span{{style: style{bold: true}, text: "$ " + command}})
	}
	var now style
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, wrap(now.read(strings.TrimRight(scanner.Text(), "\r")))...)
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	output := bufio.NewWriter(to)
	draw(output, title, lines)
	return output.Flush()
}
