// Command govex says what OpenVEX's own library takes for the same package.
//
// Standard input: lines of PRODUCT, a tab, and PACKAGE, both package URLs. Standard output: `true` or
// `false` for each.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/openvex/go-vex/pkg/vex"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		product, pkg, _ := strings.Cut(lines.Text(), "\t")
		fmt.Println(vex.PurlMatches(product, pkg))
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
