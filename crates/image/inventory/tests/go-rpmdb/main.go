// Command gorpmdb says what go-rpmdb reads of databases, for comparison.
//
// Arguments: files. Standard output: one line of JSON for each.
package main

import (
	"encoding/json"
	"log"
	"os"

	rpmdb "github.com/knqyf263/go-rpmdb/pkg"
)

type database struct {
	Path     string        `json:"path"`
	Packages []description `json:"packages"`
	// Why there are none.
	Error string `json:"error"`
}

type description struct {
	Name     string   `json:"name"`
	Epoch    *int     `json:"epoch"`
	Version  string   `json:"version"`
	Release  string   `json:"release"`
	Arch     string   `json:"arch"`
	Source   string   `json:"source"`
	Licence  string   `json:"licence"`
	Vendor   string   `json:"vendor"`
	Module   string   `json:"module"`
	Provides []string `json:"provides"`
	Requires []string `json:"requires"`
	Files    []string `json:"files"`
}

func main() {
	lines := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		if err := lines.Encode(read(path)); err != nil {
			log.Fatal(err)
		}
	}
}

func read(path string) database {
	result := database{Path: path, Packages: []description{}}
	open, err := rpmdb.Open(path)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	defer open.Close()
	packages, err := open.ListPackages()
	if err != nil {
		result.Error = err.Error()
		return result
	}
	for _, found := range packages {
		files, err := found.InstalledFileNames()
		if err != nil {
			result.Error = err.Error()
			return result
		}
		result.Packages = append(result.Packages, description{
			Name:     found.Name,
			Epoch:    found.Epoch,
			Version:  found.Version,
			Release:  found.Release,
			Arch:     found.Arch,
			Source:   found.SourceRpm,
			Licence:  found.License,
			Vendor:   found.Vendor,
			Module:   found.Modularitylabel,
			Provides: found.Provides,
			Requires: found.Requires,
			Files:    brought(files, found.FileFlags),
		})
	}
	return result
}

// The files that a package brings: a ghost is named only.
func brought(files []string, flags []int32) []string {
	kept := []string{}
	for index, file := range files {
		if index >= len(flags) || flags[index]&(1<<6) == 0 {
			kept = append(kept, file)
		}
	}
	return kept
}
