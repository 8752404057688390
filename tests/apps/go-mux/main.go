// A board of notes: routes by gorilla/mux, a page read from a file, ended by SIGTERM.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gorilla/mux"
)

func main() {
	routes := mux.NewRouter()
	routes.HandleFunc("/notes/{name}", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(answer, "note %s\n", mux.Vars(request)["name"])
	})
	routes.HandleFunc("/memory", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, os.Getenv("GOMEMLIMIT"))
	})
	routes.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		http.ServeFile(answer, request, "pages/grüße.html")
	})
	server := &http.Server{Addr: ":" + os.Getenv("PORT"), Handler: routes}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		ending, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		_ = server.Shutdown(ending)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
