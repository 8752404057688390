using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Reads buildpack.toml (CNB buildpack spec 0.12, "buildpack.toml"). Buildpacks come from the operator, not from a build.</summary>
internal static class BuildpackToml
{
    public static Buildpack Read(string directory, string inside)
    {
        var path = Path.Combine(directory, "buildpack.toml");
        try
        {
            var table = TomlReader.Parse(File.ReadAllBytes(path));
            var about = table.Table("buildpack") ?? throw new FormatException("it has no [buildpack] table");
            var id = about.Text("id") ?? throw new FormatException("it has no id");
            var apiText = table.Text("api");
            if (!BuildpackApi.TryParse(apiText, out var api) || !api.IsSupported)
            {
                throw new LifecycleFailure.IncompatibleBuildpack(id, apiText);
            }

            return new Buildpack
            {
                Id = IsId(id) ? id : throw new FormatException($"'{id}' is not a buildpack id"),
                Version = about.Text("version") ?? throw new FormatException("it has no version"),
                Api = api,
                Directory = directory,
                Inside = inside,
                Homepage = about.Text("homepage"),
                ClearEnv = about.Flag("clear-env"),
                Targets = [.. table.Tables("targets").Select(ReadTarget)],
                SbomFormats = [.. about.Texts("sbom-formats").Select(type => type.Split(';')[0].Trim())],
                Order = table.TryGet("order", out _) ? Order.Read(table) : null,
            };
        }
        catch (Exception exception) when (exception is IOException or TomlException or FormatException)
        {
            throw new LifecycleFailure.InvalidBuildpack(path, exception.Message, exception);
        }
    }

    /// <summary>The id becomes a directory name, with '_' for '/'; these are taken by the lifecycle itself.</summary>
    public static bool IsId(string? id) =>
        id?.Length > 0 && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or '/')
        && id is not ("." or ".." or "config" or "app" or "generated" or "sbom");

    private static BuildpackTarget ReadTarget(TomlTable target) => new(
        target.Text("os"),
        target.Text("arch"),
        target.Text("variant"),
        [.. target.Tables("distros").Select(distribution => (distribution.Text("name") ?? "", distribution.Text("version")))]);
}
