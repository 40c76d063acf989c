module bulkhead.test/goignore

go 1.21

require (
	github.com/bmatcuk/doublestar/v2 v2.0.4
	github.com/bmatcuk/doublestar/v4 v4.10.0
)
