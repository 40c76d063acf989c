// Command gotar says what Go's archive/tar makes of archives, for comparison.
//
// Standard input: archives, each behind its length (four bytes, little-endian). Standard output:
// one line of JSON for each.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"io"
	"log"
	"os"
)

// Content beyond this is not read: holes can be as long as they like.
const mostContent = 1 << 20

type entry struct {
	Path     string `json:"path"`
	Type     byte   `json:"type"`
	Link     string `json:"link"`
	Size     int64  `json:"size"`
	Mode     uint32 `json:"mode"`
	UID      uint64 `json:"uid"`
	GID      uint64 `json:"gid"`
	Modified int64  `json:"modified"`
	Checksum uint32 `json:"checksum"`
	// Why the content could not be read.
	Broken string `json:"broken"`
}

type archive struct {
	Entries []entry `json:"entries"`
	// Why there is no further entry, unless the archive ended.
	Error string `json:"error"`
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(output)
	for {
		var length uint32
		if err := binary.Read(input, binary.LittleEndian, &length); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		content := make([]byte, length)
		if _, err := io.ReadFull(input, content); err != nil {
			log.Fatal(err)
		}
		if err := lines.Encode(read(content)); err != nil {
			log.Fatal(err)
		}
	}
	if err := output.Flush(); err != nil {
		log.Fatal(err)
	}
}

func read(content []byte) archive {
	result := archive{Entries: []entry{}}
	reader := tar.NewReader(bytes.NewReader(content))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return result
		}
		if err != nil {
			result.Error = err.Error()
			return result
		}
		// containerd ignores these.
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		found := entry{
			Path:     hex.EncodeToString([]byte(header.Name)),
			Type:     header.Typeflag,
			Link:     hex.EncodeToString([]byte(header.Linkname)),
			Size:     header.Size,
			Mode:     uint32(header.Mode),
			UID:      uint64(header.Uid),
			GID:      uint64(header.Gid),
			Modified: header.ModTime.Unix(),
		}
		// What Go calls header-only: the size is only a claim.
		if header.Typeflag >= tar.TypeLink && header.Typeflag <= tar.TypeFifo {
			found.Size = 0
		}
		checksum := crc32.NewIEEE()
		if _, err := io.CopyN(checksum, reader, mostContent); err != nil && err != io.EOF {
			found.Broken = err.Error()
		}
		found.Checksum = checksum.Sum32()
		result.Entries = append(result.Entries, found)
	}
}
