package tide

import (
	"testing"
	"time"
)

func TestAWaveCountsForNothing(t *testing.T) {
	gauge, now := NewGauge(time.Minute), time.Unix(1_767_258_000, 0)
	for _, metres := range []float64{2.10, 2.11, 9.99, 2.12, 2.11} {
		gauge.Add(now, metres)
	}
	if height, ok := gauge.Height(now); !ok || height != 2.11 {
		t.Fatalf("got %v, %v", height, ok)
	}
}

func TestAnOldReadingIsNone(t *testing.T) {
	gauge, now := NewGauge(time.Minute), time.Unix(1_767_258_000, 0)
	gauge.Add(now, 2.1)
	if _, ok := gauge.Height(now.Add(time.Hour)); ok {
		t.Fatal("an old reading was served")
	}
}
