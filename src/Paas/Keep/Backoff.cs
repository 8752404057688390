namespace Paas.Keep;

/// <summary>How long to wait before a role that ended is started again: not at all the first time, then 0.2 s doubling to 5 s,
/// and from the start again after a good run.</summary>
internal sealed class Backoff(TimeSpan goodRun)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private TimeSpan _next = TimeSpan.Zero;

    public TimeSpan After(TimeSpan ran)
    {
        var wait = ran >= goodRun ? TimeSpan.Zero : _next;
        _next = wait == TimeSpan.Zero ? First : wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }
}
