namespace Paas.Buildpacks;

/// <summary>What images are built for (CNB platform spec 0.15, "Execution Environment"). This platform runs apps, so it has one.</summary>
internal static class ExecEnv
{
    public const string Name = "production";

    /// <summary>Whether what lists these environments takes part; what lists none does anywhere.</summary>
    public static bool IsOneOf(IReadOnlyList<string> names) => names.Count == 0 || names.Contains("*") || names.Contains(Name);
}
