using Paas.Apps;

namespace Paas.Builds.Dockerfiles;

/// <summary>What a Dockerfile is told of the app's config vars and of the host: what it asks for and no more. Build arguments stay readable in the image,
/// so no secret becomes one; secrets are files that a RUN step mounts (docs/dockerfile.md).</summary>
/// <param name="Arguments">For --build-arg, all declared by the Dockerfile.</param>
/// <param name="Secrets">By id, all asked for by the Dockerfile.</param>
/// <param name="NeedsCaBundle">One of the arguments is a path of the CA bundle.</param>
/// <param name="Notes">What the Dockerfile asks for and does not get, a sentence each.</param>
internal sealed record DockerfileArguments(
    IReadOnlyDictionary<string, string> Arguments, IReadOnlyDictionary<string, string> Secrets, bool NeedsCaBundle, IReadOnlyList<string> Notes)
{
    /// <summary>Where RUN steps see the host's CA bundle: at a place of its own, as packages write to the usual one.</summary>
    public const string CaBundleInside = "/run/paas/ca-certificates.crt";

    /// <summary>What the first reading may use: FROM lines with variables.</summary>
    public static IReadOnlyDictionary<string, string> Plain(IReadOnlyList<ConfigVar> config) =>
        config.Where(variable => variable is { RunOnly: false, Plain: true }).ToDictionary(variable => variable.Name, variable => variable.Value);

    public static DockerfileArguments Of(Dockerfile dockerfile, IReadOnlyList<ConfigVar> config, HostSettings host)
    {
        var visible = config.Where(variable => !variable.RunOnly).ToDictionary(variable => variable.Name);
        var arguments = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var notes = new List<string>();
        var needsBundle = false;
        foreach (var name in dockerfile.Arguments.Order(StringComparer.Ordinal))
        {
            if (visible.TryGetValue(name, out var variable))
            {
                if (variable.Plain)
                {
                    arguments[name] = variable.Value;
                }
                else
                {
                    notes.Add($"ARG {name} does not get the config var {name}: it is secret, and build arguments can be read in the image. Take it with RUN --mount=type=secret,id={name}, or say that it is no secret: paas config set --plain {name}=...");
                }
            }
            else if (host.Variables.TryGetValue(name, out var value))
            {
                var isBundle = value == HostSettings.CaBundleInside;
                needsBundle |= isBundle;
                arguments[name] = isBundle ? CaBundleInside : value;
            }
        }

        var secrets = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in dockerfile.Secrets.Order(StringComparer.Ordinal))
        {
            if (visible.TryGetValue(id, out var variable))
            {
                secrets[id] = variable.Value;
            }
            else
            {
                notes.Add($"The Dockerfile asks for the secret {State.Printable.Short(id)}, but builds see no config var of that name. Set it with: paas config set {State.Printable.Short(id)}=...");
            }
        }

        return new(arguments, secrets, needsBundle, notes);
    }
}
