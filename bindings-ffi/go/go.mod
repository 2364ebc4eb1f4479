module github.com/cdp-batch/cdp-batch/bindings-ffi/go

go 1.25
