module bulkhead.test/gotar

go 1.19
