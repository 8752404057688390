using System.Globalization;
using System.Text;
using Paas.Client;

namespace Paas.Dashboard.Controls;

/// <summary>The last hour's numbers in words and strokes: what charts say to those who do not see them.</summary>
public static class LastHour
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>"1,240".</summary>
    public static string Number(long number) => number.ToString("N0", Plain);

    /// <summary>"1,240 requests, 3 errors in the last hour".</summary>
    public static string Said(long requests, long errors) => (requests, errors) switch
    {
        (0, _) => "No requests in the last hour",
        (_, 0) => $"{Number(requests)} {(requests == 1 ? "request" : "requests")} in the last hour",
        _ => $"{Number(requests)} {(requests == 1 ? "request" : "requests")}, {Number(errors)} {(errors == 1 ? "error" : "errors")} in the last hour",
    };

    /// <summary>"Requests in the last hour: 1,240, 3 failed".</summary>
    public static string Title(long requests, long errors) => (requests, errors) switch
    {
        (0, _) => "No requests in the last hour",
        (_, 0) => $"Requests in the last hour: {Number(requests)}, none failed",
        _ => $"Requests in the last hour: {Number(requests)}, {Number(errors)} failed",
    };

    /// <summary>"Half of the answers began within 12 ms, 95 % within 80 ms. 2 requests met no instance: the platform answered them."; empty when there is nothing to say.</summary>
    public static string Detail(AppMetricsView metrics)
    {
        var speed = metrics is { P50OfAll: { } half, P95OfAll: { } most } ? $"Half of the answers began within {Milliseconds(half)}, 95 % within {Milliseconds(most)}. " : "";
        var unserved = metrics.Unserved.Sum();
        return (speed + (unserved == 0 ? "" : $"{Number(unserved)} {(unserved == 1 ? "request" : "requests")} met no instance that answers, so the platform did.")).TrimEnd();
    }

    /// <summary>"0.8 ms", "12 ms", "1.4 s".</summary>
    public static string Milliseconds(double milliseconds) => milliseconds switch
    {
        < 9.95 => string.Create(Plain, $"{milliseconds:0.0} ms"),
        < 999.5 => string.Create(Plain, $"{milliseconds:0} ms"),
        _ => Say.Duration(TimeSpan.FromMilliseconds(milliseconds)),
    };

    /// <summary>"Memory of web in the last hour: at most 83.0 MB of 512.0 MB (web.1)".</summary>
    /// <param name="instances">Of one process type.</param>
    public static string MemoryTitle(string type, IReadOnlyList<InstanceMetricsView> instances) =>
        instances.Where(static instance => instance.MemoryMb.Any(static value => value is not null)).MaxBy(Share) is { } most
            ? $"Memory of {type} in the last hour: at most {Say.Megabytes(most.MemoryMb.Max()!.Value)} of {Say.Megabytes(most.MemoryLimitMb)}{(instances.Count > 1 ? $" ({most.Name})" : "")}"
            : $"Memory of {type}: nothing ran in the last hour";

    /// <summary>An SVG path of one upright stroke for each value that is not 0, standing on the ground of the picture.</summary>
    /// <param name="most">What reaches the full height.</param>
    /// <param name="step">From one stroke to the next.</param>
    public static string Strokes(IReadOnlyList<long> values, long most, int height, int step)
    {
        var path = new StringBuilder();
        for (var index = 0; index < values.Count; index++)
        {
            if (values[index] > 0 && most > 0)
            {
                // One request among thousands is still seen.
                var tall = Math.Max(2, Math.Round(values[index] * (double)height / most, 1));
                path.Append(Plain, $"M{(index * step) + (step / 2)} {height}v-{tall:0.#}");
            }
        }

        return path.ToString();
    }

    private static double Share(InstanceMetricsView instance) => (instance.MemoryMb.Max() ?? 0) / Math.Max(1, instance.MemoryLimitMb);
}
