// Package tide turns readings of a float into the height of the water.
package tide

import (
	"math"
	"sort"
	"sync"
	"time"
)

type reading struct {
	at     time.Time
	metres float64
}

// Gauge keeps the readings of a window of time. It is safe for many goroutines.
type Gauge struct {
	mu       sync.Mutex
	window   time.Duration
	readings []reading
}

// NewGauge returns a gauge without readings.
func NewGauge(window time.Duration) *Gauge {
	return &Gauge{window: window}
}

// Add records a reading and forgets those that are too old.
func (g *Gauge) Add(at time.Time, metres float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readings = append(g.readings, reading{at, metres})
	g.forget(at)
}

// Height is the median of the window, so that a wave counts for nothing.
func (g *Gauge) Height(now time.Time) (float64, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(now)
	if len(g.readings) == 0 {
		return 0, false
	}
	heights := make([]float64, 0, len(g.readings))
	for _, each := range g.readings {
		heights = append(heights, each.metres)
	}
	sort.Float64s(heights)
	return round(heights[len(heights)/2]), true
}

func (g *Gauge) forget(now time.Time) {
	first := 0
	for first < len(g.readings) && now.Sub(g.readings[first].at) > g.window {
		first++
	}
	g.readings = g.readings[first:]
}

/* round down to centimetres:
   the float is no better than that. */
func round(metres float64) float64 {
	return math.Floor(metres*100) / 100
}
