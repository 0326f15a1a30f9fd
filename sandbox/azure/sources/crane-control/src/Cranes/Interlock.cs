using System.Collections.Generic;

namespace Cranes;

/// <summary>Says no, and why.</summary>
public static class Interlock
{
    public const double MaxLoad = 65.0;
    public const double MaxWind = 20.0;

    public static IReadOnlyList<string> Reasons(Spreader spreader, double wind, bool personOnBoom)
    {
        var reasons = new List<string>();
        if (!spreader.MayLift)
        {
            reasons.Add("A twistlock is not closed.");
        }

        if (spreader.Load > MaxLoad)
        {
            reasons.Add($"The load is {spreader.Load:0.0} t; {MaxLoad:0.0} t is allowed.");
        }

        if (wind > MaxWind)
        {
            reasons.Add($"The wind is {wind:0.0} m/s.");
        }

        if (personOnBoom)
        {
            reasons.Add("Somebody is on the boom.");
        }

        return reasons;
    }
}
