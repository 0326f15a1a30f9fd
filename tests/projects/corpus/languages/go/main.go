// Package main does it.
package main

import "fmt"

/* A block. */
func main() {
	fmt.Println("//", `/*
// raw`) // text of two lines
}
