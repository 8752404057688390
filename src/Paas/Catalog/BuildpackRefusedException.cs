namespace Paas.Catalog;

/// <summary>A buildpack cannot be added; the message says why and what to do.</summary>
/// <param name="code">Stable: buildpack_invalid, buildpack_api_unknown, buildpack_archive_refused, buildpack_source_invalid, buildpack_not_fetched, buildpack_part_missing.</param>
internal sealed class BuildpackRefusedException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
