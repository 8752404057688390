using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>releases sbom, releases containing: what is inside.</summary>
internal static class ReleaseContents
{
    private static readonly Argument<string?> Number = new("release") { Description = "Such as v12; without it, the one that serves", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> Package = new("package") { Description = "A package's name (libssl3t64, express), or a Debian source package (openssl)" };
    private static readonly Option<string?> Version = new("--version") { Description = "Only this version", HelpName = "VERSION" };

    public static Verb Sbom(Surroundings surroundings) =>
        new Verb("sbom", "What is inside a release, as CycloneDX JSON", "paas releases sbom --app hello", "paas releases sbom v12 > sbom.json").With(Number).Runs(surroundings, SbomAsync);

    public static Verb Containing(Surroundings surroundings) =>
        new Verb("containing", "Which releases of all apps contain a package", "paas releases containing openssl", "paas releases containing express --version 4.18.2").With(Package, Version).Runs(surroundings, ContainingAsync);

    private static async Task SbomAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var number = call.Value(Number) is { } text ? SizeText.ParseNumber(text, "paas releases sbom v12") : await ServingAsync(call, app, cancellationToken);
        await call.Out.WriteLineAsync(JsonText.Of(await call.Client.SbomAsync(app, number, cancellationToken), ContractJson.Default.JsonElement));
    }

    private static async Task<int> ServingAsync(Call call, string app, CancellationToken cancellationToken) =>
        (await call.Client.ReleasesAsync(app, 200, cancellationToken)).FirstOrDefault(release => release.Current)?.Number
        ?? throw new CliError(ExitCodes.Refused, $"Nothing of {app} serves yet. Name a release: paas releases sbom v1 --app {app}");

    private static async Task ContainingAsync(Call call, CancellationToken cancellationToken)
    {
        var package = call.Value(Package)!;
        var found = await call.WorkingAsync($"Looking for {package}", call.Client.ReleasesContainingAsync(package, call.Value(Version), cancellationToken), cancellationToken);
        call.Show(found, ContractJson.Default.ContainingView, view =>
        {
            var table = call.Table("APP", "RELEASE", "SERVES", "PACKAGE", "VERSION", "FROM");
            foreach (var release in view.Releases)
            {
                table.Row(release.App, Words.Version(release.Release), release.Current ? "yes" : "", release.Name, release.Version, release.Origin);
            }

            table.Print($"No release of the team's apps contains {package}{(view.Version is { } version ? $" {version}" : "")}.");
            foreach (var unknown in view.Unknown)
            {
                call.Print($"{unknown.App} {Words.Version(unknown.Release)} cannot be told: {unknown.Sentence}");
            }
        });
    }
}
