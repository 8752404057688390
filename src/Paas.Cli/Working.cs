using System.Globalization;

namespace Paas.Cli;

/// <summary>A line on the terminal's stderr while something takes long: "Rolling back ... 3 s".</summary>
internal static class Working
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    public static async Task<T> ShowAsync<T>(Surroundings surroundings, string what, Task<T> work, CancellationToken cancellationToken)
    {
        if (!surroundings.ErrorIsTerminal)
        {
            return await work;
        }

        using var timer = new PeriodicTimer(Beat, surroundings.Time);
        var began = surroundings.Time.GetTimestamp();
        var shown = false;
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        try
        {
            while (await Task.WhenAny(work, tick) != work)
            {
                await tick;
                var seconds = (int)surroundings.Time.GetElapsedTime(began).TotalSeconds;
                await surroundings.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{what} ... {seconds} s"));
                shown = true;
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }

            return await work;
        }
        finally
        {
            if (shown)
            {
                await surroundings.Error.WriteAsync("\r\e[K");
            }
        }
    }
}
