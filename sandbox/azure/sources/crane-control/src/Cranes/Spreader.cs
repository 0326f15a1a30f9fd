namespace Cranes;

public enum Twistlock
{
    Open,
    Closed,
    Unknown,
}

/* The spreader holds a box by its four corners.
 * It lifts only when all four say that they are closed. */
public sealed class Spreader
{
    private readonly Twistlock[] _locks = new Twistlock[4];

    public double Load { get; private set; }

    public bool MayLift => System.Array.TrueForAll(_locks, l => l == Twistlock.Closed);

    public void Report(int corner, Twistlock state) => _locks[corner] = state;

    public void Weigh(double tonnes)
    {
        if (tonnes < 0)
        {
            throw new System.ArgumentOutOfRangeException(nameof(tonnes));
        }

        Load = tonnes;
    }
}
