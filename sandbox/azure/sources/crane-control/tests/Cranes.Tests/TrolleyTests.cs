using System;
using Xunit;

namespace Cranes.Tests;

public class TrolleyTests
{
    [Fact]
    public void It_stops_at_the_end_of_the_boom()
    {
        var trolley = new Trolley(reach: 40, maxSpeed: 4);

        for (var i = 0; i < 1000; i++)
        {
            trolley.Step(target: 100, TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(trolley.Position, 39.5, 40);
    }
}
