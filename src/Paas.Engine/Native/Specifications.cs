using System.Globalization;
using Paas.Oci;

namespace Paas.Engine.Native;

/// <summary>Turns a wish and its image into the sandbox that is run (OCI image-spec v1.1, conversion.md).</summary>
internal static class Specifications
{
    /// <exception cref="EngineException">Neither wish nor image says what to run.</exception>
    public static SandboxSpec Of(ProcessSpec spec, Image image, string name, (int Uid, int Gid) user)
    {
        var env = Environment(image, spec.Env);
        if (spec.Port is { } port)
        {
            env["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        }

        return new SandboxSpec
        {
            Id = name,
            Image = spec.Image,
            Args = Command(image, spec.Entrypoint, spec.Args),
            Env = env,
            WorkingDirectory = WorkingDirectory(image),
            Uid = user.Uid,
            Gid = user.Gid,
            Limits = spec.Limits,
            ReadOnlyRoot = spec.ReadOnlyRoot,
        };
    }

    /// <inheritdoc cref="Of(ProcessSpec, Image, string, ValueTuple{int, int})"/>
    public static SandboxSpec Of(RunSpec spec, Image image, (int Uid, int Gid) user) => new()
    {
        Id = spec.Id,
        Image = spec.Image,
        Args = Command(image, spec.Entrypoint, spec.Args),
        Env = Environment(image, spec.Env),
        WorkingDirectory = WorkingDirectory(image),
        Uid = user.Uid,
        Gid = user.Gid,
        Limits = spec.Limits,
        Timeout = spec.Timeout,
    };

    /// <summary>Another entrypoint makes the image's Cmd meaningless, as everywhere.</summary>
    private static IReadOnlyList<string> Command(Image image, IReadOnlyList<string>? entrypoint, IReadOnlyList<string> args)
    {
        var own = image.Config.Config;
        IReadOnlyList<string> command =
        [
            .. entrypoint ?? own?.Entrypoint ?? [],
            .. args.Count > 0 || entrypoint is not null ? args : own?.Cmd ?? [],
        ];
        return command.Count > 0
            ? command
            : throw new EngineException("The image does not say what to run. Give it an ENTRYPOINT or CMD, or name the command in a Procfile.");
    }

    private static Dictionary<string, string> Environment(Image image, IReadOnlyDictionary<string, string> own)
    {
        var env = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in image.Config.Config?.Env ?? [])
        {
            if (line.Split('=', 2) is [{ Length: > 0 } key, var value])
            {
                env[key] = value;
            }
        }

        foreach (var (key, value) in own)
        {
            env[key] = value;
        }

        return env;
    }

    private static string WorkingDirectory(Image image) => image.Config.Config?.WorkingDir is { Length: > 0 } directory ? directory : "/";
}
