// What works beside the web: prints a line each minute.
package main

import (
	"fmt"
	"time"
)

func main() {
	for {
		fmt.Println("worked")
		time.Sleep(time.Minute)
	}
}
