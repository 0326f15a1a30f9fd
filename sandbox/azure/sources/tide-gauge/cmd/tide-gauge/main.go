// Command tide-gauge serves the height of the water.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"example.com/tide-gauge/internal/tide"
)

func main() {
	listen := flag.String("listen", ":9000", "address to listen on")
	device := flag.String("device", "/dev/stdin", "where the float reports, one number a line")
	flag.Parse()

	gauge := tide.NewGauge(5 * time.Minute)
	go read(*device, gauge)

	http.HandleFunc("/height", func(w http.ResponseWriter, _ *http.Request) {
		height, ok := gauge.Height(time.Now())
		if !ok {
			http.Error(w, "no reading in the last five minutes", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]float64{"metres": height})
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func read(device string, gauge *tide.Gauge) {
	file, err := os.Open(device)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()

	lines := bufio.NewScanner(file)
	for lines.Scan() {
		millimetres, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			continue // The float mumbles when it starts.
		}
		gauge.Add(time.Now(), float64(millimetres)/1000)
	}
}
