using Paas.State;

namespace Paas.Patching;

/// <summary>The weekly update; off until somebody wants it.</summary>
/// <param name="Hour">0-23, of the server's clock.</param>
/// <param name="Since">Since when it holds.</param>
public sealed record StackSchedule(bool Enabled, DayOfWeek Day, int Hour, DateTimeOffset Since)
{
    /// <summary>Sunday at four, when few look; not enabled.</summary>
    public static readonly StackSchedule Off = new(false, DayOfWeek.Sunday, 4, DateTimeOffset.MinValue);

    /// <summary>A server that was off at the hour catches up within a day; after that it waits for the next week.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromDays(1);

    /// <summary>Whether one is owed now.</summary>
    /// <param name="last">When the schedule began its last one; null: never.</param>
    /// <param name="now">In UTC.</param>
    /// <param name="zone">The server's.</param>
    public bool IsDue(DateTimeOffset? last, DateTimeOffset now, TimeZoneInfo zone)
    {
        var turn = Next(now.AddDays(-7), zone);
        return Enabled && turn <= now && now - turn < Late && turn > Since && (last is null || last < turn);
    }

    /// <summary>The first turn after that time.</summary>
    public DateTimeOffset Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone);
        var day = local.Date.AddDays(((int)Day - (int)local.DayOfWeek + 7) % 7);
        var turn = At(day, zone);
        return turn > after ? turn : At(day.AddDays(7), zone);
    }

    /// <summary>An hour that the change to summer time leaves out is the one after it.</summary>
    private DateTimeOffset At(DateTime day, TimeZoneInfo zone)
    {
        var time = DateTime.SpecifyKind(day.AddHours(Hour), DateTimeKind.Unspecified);
        time = zone.IsInvalidTime(time) ? time.AddHours(1) : time;
        return new DateTimeOffset(time, zone.GetUtcOffset(time)).ToUniversalTime();
    }
}

/// <summary>The schedule in the database.</summary>
public sealed class StackScheduleStore(Database database, TimeProvider time)
{
    public StackSchedule Read()
    {
        using var rows = database.Begin();
        return rows.One<Row>("SELECT enabled, day, hour, since FROM stack_schedule") is { } row
            ? new StackSchedule(row.Enabled != 0, (DayOfWeek)row.Day, (int)row.Hour, row.Since)
            : StackSchedule.Off;
    }

    public StackSchedule Save(bool enabled, DayOfWeek day, int hour)
    {
        using var rows = database.Begin();
        var now = time.GetUtcNow();
        rows.Execute(
            "INSERT INTO stack_schedule(id, enabled, day, hour, since) VALUES (1, @enabled, @day, @hour, @now) ON CONFLICT (id) DO UPDATE SET enabled = @enabled, day = @day, hour = @hour, since = @now",
            new { enabled = enabled ? 1 : 0, day = (int)day, hour, now });
        rows.Commit();
        return new StackSchedule(enabled, day, hour, now);
    }

    private sealed record Row
    {
        public long Enabled { get; init; }

        public long Day { get; init; }

        public long Hour { get; init; }

        public DateTimeOffset Since { get; init; }
    }
}
