namespace Paas.Keep;

/// <summary>Keeps a role's log small: the role appends to it all the time, so it is copied to "&lt;log&gt;.1" and cut, not renamed.</summary>
internal static class RoleLog
{
    /// <param name="limit">Bytes; a smaller file stays as it is.</param>
    /// <returns>Whether it was moved aside. What the role wrote between the copy and the cut is lost: microseconds, once in 10 MB.</returns>
    public static bool Rotate(string log, long limit)
    {
        if (new FileInfo(log) is not { Exists: true } file || file.Length <= limit)
        {
            return false;
        }

        File.Copy(log, log + ".1", overwrite: true);
        using var cut = new FileStream(log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        cut.SetLength(0);
        return true;
    }
}
