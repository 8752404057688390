using System.Buffers.Text;

namespace Paas.Engine.Native.Logs;

/// <summary>One line of conmon's k8s-file format (Kubernetes' CRI logging):
/// "2026-11-21T08:50:00.123456789+00:00 stdout F text". P marks a piece whose rest follows.</summary>
internal readonly ref struct K8sLine
{
    public DateTimeOffset At { get; private init; }

    public bool Error { get; private init; }

    /// <summary>The line ends here (F); false: it is a piece (P).</summary>
    public bool Full { get; private init; }

    public ReadOnlySpan<byte> Text { get; private init; }

    /// <param name="line">Without its newline.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out K8sLine parsed)
    {
        parsed = default;
        var space = line.IndexOf((byte)' ');
        if (space < 0 || !TryParseTime(line[..space], out var at))
        {
            return false;
        }

        var rest = line[(space + 1)..];
        var error = rest.StartsWith("stderr "u8);
        if (!error && !rest.StartsWith("stdout "u8))
        {
            return false;
        }

        rest = rest["stdout ".Length..];
        if (rest is not [(byte)'F' or (byte)'P', ..] || (rest.Length > 1 && rest[1] != ' '))
        {
            return false;
        }

        parsed = new K8sLine { At = at, Error = error, Full = rest[0] == 'F', Text = rest.Length > 2 ? rest[2..] : [] };
        return true;
    }

    /// <summary>RFC 3339 with up to nine fraction digits; .NET keeps seven.</summary>
    private static bool TryParseTime(ReadOnlySpan<byte> text, out DateTimeOffset at)
    {
        at = default;
        if (text.Length < 20 || !Utf8Parser.TryParse(text[..4], out int year, out _) || !Digits(text[5..], out var month)
            || !Digits(text[8..], out var day) || !Digits(text[11..], out var hour) || !Digits(text[14..], out var minute) || !Digits(text[17..], out var second))
        {
            return false;
        }

        var ticks = 0L;
        var next = 19;
        if (text[next] == '.')
        {
            var unit = TimeSpan.TicksPerSecond / 10;
            for (next++; next < text.Length && text[next] is >= (byte)'0' and <= (byte)'9'; next++, unit /= 10)
            {
                ticks += (text[next] - '0') * unit;
            }
        }

        var offset = 0;
        if (next + 6 == text.Length && text[next] is (byte)'+' or (byte)'-' && Digits(text[(next + 1)..], out var hours) && Digits(text[(next + 4)..], out var minutes))
        {
            offset = ((hours * 60) + minutes) * (text[next] == '-' ? -1 : 1);
        }
        else if (next + 1 != text.Length || text[next] != 'Z')
        {
            return false;
        }

        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(Math.Clamp(year, 1, 9999), month) || hour > 23 || minute > 59 || second > 59 || Math.Abs(offset) > 840 || year is < 1 or > 9998)
        {
            return false;
        }

        at = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.FromMinutes(offset)).AddTicks(ticks);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = text.Length < 2 ? -1 : ((text[0] - '0') * 10) + text[1] - '0';
        return value is >= 0 and <= 99;
    }
}
