using System;

namespace Cranes;

/// <summary>
/// The trolley that runs along the boom. Positions are metres from the portal,
/// positive towards the ship.
/// </summary>
public sealed class Trolley
{
    private const double Acceleration = 0.8; // m/s²
    private readonly double _maxSpeed;

    public Trolley(double reach, double maxSpeed)
    {
        if (reach <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(reach));
        }

        Reach = reach;
        _maxSpeed = maxSpeed;
    }

    public double Reach { get; }

    public double Position { get; private set; }

    public double Speed { get; private set; }

    /// <summary>How far it rolls before it stands, if it brakes now.</summary>
    public double StoppingDistance => Speed * Speed / (2 * Acceleration);

    public void Step(double target, TimeSpan step)
    {
        var wanted = Math.Clamp(target, 0, Reach);
        var distance = wanted - Position;
        var seconds = step.TotalSeconds;

        // Brake when what is left is no more than what braking takes.
        if (Math.Abs(distance) <= StoppingDistance)
        {
            Speed -= Math.Sign(Speed) * Math.Min(Math.Abs(Speed), Acceleration * seconds);
        }
        else
        {
            var limit = Speed + (Math.Sign(distance) * Acceleration * seconds);
            Speed = Math.Clamp(limit, -_maxSpeed, _maxSpeed);
        }

        Position = Math.Clamp(Position + (Speed * seconds), 0, Reach);
    }
}
