// Command goignore says what the libraries that Trivy and Grype match paths with make of patterns.
//
// Standard input: lines of PATTERN, a tab, and PATH. Standard output: for each line `2` and `4`, the
// major versions of doublestar that match, or `-` for none; `!` instead of a version that refuses
// the pattern.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"

	below "github.com/bmatcuk/doublestar/v2"
	at "github.com/bmatcuk/doublestar/v4"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		pattern, path, _ := strings.Cut(lines.Text(), "\t")
		old, oldError := below.Match(pattern, path)
		current, currentError := at.Match(pattern, path)
		fmt.Println(verdict("2", old, oldError) + verdict("4", current, currentError))
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func verdict(version string, matches bool, err error) string {
	switch {
	case err != nil:
		return "!"
	case matches:
		return version
	default:
		return "-"
	}
}
