using System;

namespace Cranes;

/// <summary>How far the load swings, as a pendulum of the rope's length.</summary>
public sealed class Swing
{
    private const double Gravity = 9.81;
    private double _angle;
    private double _rate;

    public double Degrees => _angle * 180 / Math.PI;

    public void Step(double trolleyAcceleration, double rope, TimeSpan step)
    {
        var seconds = step.TotalSeconds;
        var acceleration = -((Gravity / rope) * Math.Sin(_angle))
            - (trolleyAcceleration / rope * Math.Cos(_angle));
        _rate += acceleration * seconds;
        _angle += _rate * seconds;
    }
}
