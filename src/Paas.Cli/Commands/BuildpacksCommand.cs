using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>buildpacks add, list, remove.</summary>
internal static class BuildpacksCommand
{
    private static readonly Argument<string> Source = new("source") { Description = "A folder, a .cnb file, the URL of a git repository (https://host/path#branch:folder) or the reference of an image" };
    private static readonly Argument<string> Name = new("name") { Description = "id or id@version, as in the list" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("buildpacks", "Buildpacks that apps can be built with", "paas buildpacks").Runs(surroundings, ListAsync).With(
            new Verb(
                "add", "Add a buildpack of your own or somebody else's, pinned by commit or digest; the last line printed is its id and version",
                "paas buildpacks add ./my-buildpack", "paas buildpacks add https://github.com/fagiani/apt-buildpack", "paas buildpacks add https://github.com/buildpacks/samples#main:buildpacks/hello-world",
                "paas buildpacks add my-buildpack.cnb", "paas buildpacks add ghcr.io/team/buildpack:1.2").With(Source).Runs(surroundings, AddAsync),
            new Verb("list", "List the platform's buildpacks and those that your team added", "paas buildpacks list", "paas buildpacks list --json").Runs(surroundings, ListAsync),
            new Verb("remove", "Remove a buildpack that your team added; refused while an app names it", "paas buildpacks remove fagiani/apt", "paas buildpacks remove fagiani/apt@0.2.7").With(Name).Runs(surroundings, RemoveAsync));

    private static async Task AddAsync(Call call, CancellationToken cancellationToken)
    {
        var source = call.Value(Source)!;
        var added = await call.WorkingAsync($"Adding {source}", SendAsync(call.Client, source, cancellationToken), cancellationToken);
        call.Show(added, ContractJson.Default.IReadOnlyListBuildpackView, views =>
        {
            foreach (var view in views)
            {
                call.Print($"{view.Id} {view.Version}");
            }
        });
    }

    private static async Task<IReadOnlyList<BuildpackView>> SendAsync(PaasClient client, string source, CancellationToken cancellationToken)
    {
        if (Directory.Exists(source))
        {
            using var folder = new FolderContent(source);
            return await client.UploadBuildpackAsync(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source))), cancellationToken);
        }

        if (File.Exists(source))
        {
            using var file = new StreamContent(new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true));
            return await client.UploadBuildpackAsync(file, Path.GetFileName(source), cancellationToken);
        }

        return source.StartsWith('.') || source.StartsWith('/') || source.StartsWith('~') || source.EndsWith(".cnb", StringComparison.Ordinal)
            ? throw CliError.Usage($"There is no folder or file '{source}'. Name one that is there, the URL of a git repository (https://...) or the reference of an image.")
            : await client.AddBuildpackAsync(new AddBuildpack(source), cancellationToken);
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var buildpacks = await call.Client.BuildpacksAsync(cancellationToken);
        call.Show(buildpacks, ContractJson.Default.IReadOnlyListBuildpackView, views =>
        {
            var table = call.Table("ID", "VERSION", "API", "FROM", "PINNED", "APPS");
            foreach (var view in views)
            {
                table.Row(view.Id, view.Version, view.Api, view.BuiltIn ? "the platform" : view.Source!, view.BuiltIn ? "" : Short(view.Pinned!), string.Join(", ", view.Apps));
            }

            table.Print("There are no buildpacks. Add one with: paas buildpacks add DIR|FILE.cnb|GIT_URL|OCI_REF");
        });
    }

    private static async Task RemoveAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RemoveBuildpackAsync(call.Value(Name)!, cancellationToken);
        call.Done($"Removed {call.Value(Name)}.");
    }

    /// <summary>A commit or digest as people compare them.</summary>
    private static string Short(string pinned) => pinned.StartsWith("sha256:", StringComparison.Ordinal) ? pinned[..19] : pinned[..Math.Min(12, pinned.Length)];
}
