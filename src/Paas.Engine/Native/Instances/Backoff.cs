namespace Paas.Engine.Native.Instances;

/// <summary>How long to wait before the next start: doubles with each short life, starts anew after a long one.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeSpan goodLife)
{
    private TimeSpan? _next;

    /// <param name="lived">How long the run that just ended had lasted.</param>
    public TimeSpan Next(TimeSpan lived)
    {
        var pause = lived >= goodLife ? first : _next ?? first;
        _next = pause * 2 > longest ? longest : pause * 2;
        return pause;
    }
}
