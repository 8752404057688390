namespace Paas.Buildpacks;

/// <summary>The environment of a buildpack's process: pure rules, no files (CNB buildpack spec 0.12, "Environment";
/// platform spec 0.15, "User-Provided Variables", "Operator-Defined Variables").</summary>
internal sealed class BuildEnv
{
    /// <summary>What survives of the build image's environment. CNB_STACK_ID, HOSTNAME and the proxies are the reference
    /// lifecycle's addition to the spec, and real buildpacks need them.</summary>
    private static readonly HashSet<string> Inherited =
    [
        "HOME", "HOSTNAME", "CNB_STACK_ID",
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
        "PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH",
    ];

    /// <summary>Lists with ':' between their parts: a user's value is put in front instead of replacing.</summary>
    private static readonly HashSet<string> PathLists = ["PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH"];

    /// <summary>Which directories of a build layer go in front of which variables.</summary>
    private static readonly (string Directory, string Variable)[] LayerDirectories =
        [("bin", "PATH"), ("lib", "LD_LIBRARY_PATH"), ("lib", "LIBRARY_PATH"), ("include", "CPATH"), ("pkgconfig", "PKG_CONFIG_PATH")];

    private readonly SortedDictionary<string, string> _variables;

    public BuildEnv(IEnumerable<KeyValuePair<string, string>> baseEnv)
    {
        _variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in baseEnv.Where(variable => Inherited.Contains(variable.Key)))
        {
            _variables[name] = value;
        }
    }

    private BuildEnv(BuildEnv other) => _variables = new SortedDictionary<string, string>(other._variables, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Variables => _variables;

    public BuildEnv Copy() => new(this);

    public void Set(string name, string value) => _variables[name] = value;

    /// <summary>A file of platform/env: its contents, verbatim.</summary>
    public void ApplyUserFile(string name, string contents)
    {
        if (PathLists.Contains(name))
        {
            Prepend(name, contents, ":");
        }
        else
        {
            Set(name, contents);
        }
    }

    /// <summary>The directory of a build layer, as the buildpacks see it.</summary>
    public void ApplyLayerDirectories(string layer, Func<string, bool> hasDirectory)
    {
        foreach (var (directory, variable) in LayerDirectories.Where(entry => hasDirectory(entry.Directory)))
        {
            Prepend(variable, $"{layer}/{directory}", ":");
        }
    }

    /// <summary>The files of one env directory by name: what stands after the first '.' says how a value is put together;
    /// contents are never trimmed.</summary>
    /// <param name="files">Name and contents.</param>
    /// <param name="withoutSuffix">What a bare name means: "override" for layers, "default" for build-config.</param>
    public void ApplyFiles(IReadOnlyDictionary<string, string> files, string withoutSuffix)
    {
        foreach (var (file, contents) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var (name, suffix) = file.Split('.', 2) is [var before, var after] ? (before, after) : (file, withoutSuffix);
            if (name.Length == 0 || name.Contains('='))
            {
                continue;
            }

            var delimiter = files.GetValueOrDefault($"{name}.delim", "");
            switch (suffix)
            {
                case "override": Set(name, contents); break;
                case "default" when string.IsNullOrEmpty(_variables.GetValueOrDefault(name)): Set(name, contents); break;
                case "prepend": Prepend(name, contents, delimiter); break;
                case "append": Append(name, contents, delimiter); break;
                default: break; // .delim itself, and suffixes of the future
            }
        }
    }

    private void Prepend(string name, string value, string delimiter) =>
        Set(name, _variables.GetValueOrDefault(name) is { Length: > 0 } old ? value + delimiter + old : value);

    private void Append(string name, string value, string delimiter) =>
        Set(name, _variables.GetValueOrDefault(name) is { Length: > 0 } old ? old + delimiter + value : value);
}
