module examples

go 1.25

require github.com/cdp-batch/cdp-batch/bindings-ffi/go v0.0.0

replace github.com/cdp-batch/cdp-batch/bindings-ffi/go => ../../bindings-ffi/go
