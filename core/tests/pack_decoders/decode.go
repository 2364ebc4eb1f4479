// decode NAME.gz...: writes what is in each gzip file into NAME.
package main

import (
	"compress/gzip"
	"io"
	"log"
	"os"
	"strings"
)

func decode(name string) error {
	packed, err := os.Open(name)
	if err != nil {
		return err
	}
	defer packed.Close()
	member, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	out, err := os.Create(strings.TrimSuffix(name, ".gz"))
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, member); err != nil {
		return err
	}
	return out.Close()
}

func main() {
	for _, name := range os.Args[1:] {
		if err := decode(name); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}
