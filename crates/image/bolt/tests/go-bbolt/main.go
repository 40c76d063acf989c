// Writes a database of bbolt with buckets of every kind below a folder, and prints what is in it: a
// line of JSON for each key, its path and its value in hexadecimal.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

func main() {
	for _, size := range []int{1024, 4096, 16384} {
		path := filepath.Join(os.Args[1], fmt.Sprintf("%d.db", size))
		database, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: size})
		check(err)
		check(database.Update(fill))
		// Pages become free, others are used again.
		check(database.Update(thin))
		check(database.Update(func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("many")).Put([]byte("last"), []byte("value"))
		}))
		check(database.View(func(tx *bolt.Tx) error {
			output, err := os.Create(path + ".json")
			check(err)
			defer output.Close()
			lines := json.NewEncoder(output)
			return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
				show(lines, []string{hex.EncodeToString(name)}, bucket)
				return nil
			})
		}))
		check(database.Close())
	}
}

func fill(tx *bolt.Tx) error {
	for name, count := range map[string]int{"empty": 0, "inline": 3, "page": 100, "many": 20000} {
		bucket, err := tx.CreateBucket([]byte(name))
		check(err)
		for index := 0; index < count; index++ {
			key := []byte(fmt.Sprintf("key %d", index*7919%count))
			check(bucket.Put(key, []byte(fmt.Sprintf("value %d", index))))
		}
		nested, err := bucket.CreateBucket([]byte("nested"))
		check(err)
		check(nested.Put([]byte{0, 255}, []byte{}))
		// Longer than a page.
		check(nested.Put([]byte("long"), make([]byte, 100000)))
	}
	return nil
}

func thin(tx *bolt.Tx) error {
	bucket := tx.Bucket([]byte("many"))
	for index := 0; index < 20000; index += 3 {
		check(bucket.Delete([]byte(fmt.Sprintf("key %d", index))))
	}
	return nil
}

func show(lines *json.Encoder, path []string, bucket *bolt.Bucket) {
	check(bucket.ForEach(func(key, value []byte) error {
		path := append(path[:len(path):len(path)], hex.EncodeToString(key))
		if value == nil {
			show(lines, path, bucket.Bucket(key))
			return nil
		}
		return lines.Encode(map[string]any{"path": path, "value": hex.EncodeToString(value)})
	}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
