namespace Paas.Dashboard.Controls;

/// <summary>What a chart draws; assets/chart.js reads it.</summary>
/// <param name="Kind">bars: from the ground, the later before the earlier; lines.</param>
/// <param name="From">Unix time in seconds of the first value.</param>
/// <param name="Step">Seconds between two.</param>
/// <param name="Unit">Said after a value: "requests", "MB".</param>
/// <param name="Limit">A dashed line that the chart always shows; null: none.</param>
public sealed record ChartLines(string Kind, long From, int Step, string Unit, IReadOnlyList<ChartLine> Lines, double? Limit = null);

/// <param name="Tone">accent, bad or quiet.</param>
/// <param name="Values">Null where there is none.</param>
public sealed record ChartLine(string Name, string Tone, IReadOnlyList<double?> Values);
