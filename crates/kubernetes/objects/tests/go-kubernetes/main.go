// Command gokubernetes says what the libraries of Kubernetes make of files.
//
//	gokubernetes yaml < FILE           documents as `sigs.k8s.io/yaml` reads them, a line of JSON each
//	gokubernetes kustomize FOLDER...   what kustomize builds of each folder: a line of JSON with its
//	                                   objects, or with an error
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("what?")
	}
	switch os.Args[1] {
	case "yaml":
		documents()
	case "kustomize":
		for _, folder := range os.Args[2:] {
			kustomize(folder)
		}
	}
}

// documents answers texts that stand behind their lengths: `LENGTH\nTEXT`.
func documents() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	for len(input) > 0 {
		head, rest, _ := bytes.Cut(input, []byte("\n"))
		var length int
		if _, err := fmt.Sscan(string(head), &length); err != nil {
			log.Fatal(err)
		}
		text := rest[:length]
		input = rest[length:]
		answer, err := yaml.YAMLToJSON(text)
		if err != nil {
			answer, _ = json.Marshal(map[string]string{"error": err.Error()})
		}
		fmt.Println(string(answer))
	}
}

func kustomize(folder string) {
	answer := map[string]any{}
	if objects, err := build(folder); err != nil {
		answer["error"] = err.Error()
	} else {
		answer["objects"] = objects
	}
	text, err := json.Marshal(answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}

func build(folder string) ([]json.RawMessage, error) {
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	built, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	// As kubectl reads what kustomize writes.
	objects := []json.RawMessage{}
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return nil, err
		}
		object, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}
