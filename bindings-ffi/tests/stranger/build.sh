#!/bin/sh
# Builds a program of somebody else against the installed library at $1: with pkg-config and with CMake, shared and static.
prefix=$1
here=$(dirname "$0")

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
cc -o by-pkg-config "$here/main.c" $(pkg-config --cflags --libs cdp_batch)
LD_LIBRARY_PATH="$prefix/lib" ./by-pkg-config

# A linker prefers the shared library of two in one folder; here is only the other.
mkdir -p only-static && cp "$prefix/lib/libcdp_batch.a" only-static
cc -o by-pkg-config-static "$here/main.c" $(pkg-config --cflags cdp_batch) -Lonly-static \
  $(pkg-config --static --libs cdp_batch | sed "s|-L$prefix/lib/pkgconfig/../../lib||")
./by-pkg-config-static
! ldd by-pkg-config-static | grep libcdp_batch

cmake -S "$here" -B by-cmake -DCMAKE_PREFIX_PATH="$prefix" >cmake.log
cmake --build by-cmake >>cmake.log
./by-cmake/shared
./by-cmake/static
! ldd by-cmake/static | grep libcdp_batch
