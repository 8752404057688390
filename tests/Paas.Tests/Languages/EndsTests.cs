namespace Paas.Languages;

/// <summary>The end of security fixes is told before and after, for each language by its makers' rules.</summary>
public sealed class EndsTests
{
    [Theory]
    [InlineData("2026-10-31", "2026-04-30", "")]
    [InlineData("2026-10-31", "2026-05-01", "WARNING: X gets security fixes until 2026-10-31 only. Do something.\n")]
    [InlineData("2026-10-31", "2026-10-31", "WARNING: X gets security fixes until 2026-10-31 only. Do something.\n")]
    [InlineData("2026-10-31", "2026-11-01", "WARNING: X has had no security fixes since 2026-10-31. Do something.\n")]
    [InlineData("2026-09", "2026-09-30", "WARNING: X gets security fixes until 2026-09 only. Do something.\n")]
    [InlineData("2026-09", "2026-10-01", "WARNING: X has had no security fixes since 2026-09. Do something.\n")]
    [InlineData("", "2026-10-01", "")]
    public void A_day_or_a_month_is_told_half_a_year_before_and_after(string end, string today, string warning)
    {
        using var shell = new BuildpackShell("procfile");
        Assert.Equal((0, "", warning), shell.Run($"warn_of_end X '{end}' 'Do something.' {today}"));
    }

    [Theory]
    [InlineData("1.27.0", "")]
    [InlineData("1.28.0", "")]
    [InlineData("1.26.3", "WARNING: Go 1.26 is mended by its makers only until the next version comes; those that are mended: 1.27 and 1.26. Raise it.\n")]
    [InlineData("1.25.1", "WARNING: Go 1.25 is no longer mended by its makers; those that are: 1.27 and 1.26. Raise it.\n")]
    [InlineData("1.9.7", "WARNING: Go 1.9 is no longer mended by its makers; those that are: 1.27 and 1.26. Raise it.\n")]
    public void Makers_who_mend_their_newest_lines_alone_end_the_oldest_of_them_with_the_next(string version, string warning)
    {
        using var shell = new BuildpackShell("procfile");
        Assert.Equal((0, "", warning), shell.Run($"printf '1.9.7\\n1.27.1\\n1.26.3\\n1.27.0\\n1.25.9\\n' | warn_of_lines Go {version} 2 'Raise it.'"));
    }

    [Theory]
    [InlineData("python", "python.sh", "warn_of_age 3.13.5 2026-06-01", "")]
    [InlineData("python", "python.sh", "warn_of_age 3.10.1 2026-06-01", "Python 3.10 gets security fixes until 2026-10-31 only. Ask for a newer one, like 3.13, in .python-version.")]
    [InlineData("python", "python.sh", "warn_of_age 3.9.1 2026-06-01", "Python 3.9 has had no security fixes since 2025-10-31. Ask for a newer one, like 3.13, in .python-version.")]
    [InlineData("dotnet", "sdk.sh", "warn_of_age 10.0 2026-11-21", "")]
    [InlineData("dotnet", "sdk.sh", "warn_of_age 10.0 2028-10-01", ".NET 10.0 gets security fixes until 2028-11-14 only. Move the app's TargetFramework to a newer one.")]
    [InlineData("dotnet", "sdk.sh", "warn_of_age 9.0 2026-11-21", ".NET 9.0 has had no security fixes since 2026-11-10. Move the app's TargetFramework to a newer one.")]
    [InlineData("node", "version.sh", "warn_of_age 99.0.0 2026-11-21", "")]
    [InlineData("node", "version.sh", "warn_of_age 22.9.0 2027-01-01", "Node 22 gets security fixes until 2027-04-30 only. Ask for 24.x or newer.")]
    [InlineData("node", "version.sh", "warn_of_age 18.20.4 2026-11-21", "Node 18 has had no security fixes since 2025-04-30. Ask for 24.x or newer.")]
    [InlineData("node", "version.sh", "warn_of_age 8.1.0 2026-11-21", "Node 8 has had no security fixes since 2022-04-30. Ask for 24.x or newer.")]
    [InlineData("java", "jdk.sh", "warn_of_age 21 2026-11-21", "")]
    [InlineData("java", "jdk.sh", "warn_of_age 17 2027-06-01", "Java 17 gets security fixes until 2027-10 only. Take one of those with long support: 21, 25.")]
    [InlineData("java", "jdk.sh", "warn_of_age 26 2026-10-01", "Java 26 has had no security fixes since 2026-09. Take one of those with long support: 21, 25.")]
    [InlineData("java", "jdk.sh", "warn_of_age 24 2025-09-30", "Java 24 gets security fixes until 2025-09 only. Take one of those with long support: 21, 25.")]
    [InlineData("go", "version.sh", "printf '1.27.1 x y\\n1.26.2 x y\\n' | warn_of_age 1.26.2", "Go 1.26 is mended by its makers only until the next version comes; those that are mended: 1.27 and 1.26. Raise the version in go.mod.")]
    [InlineData("go", "version.sh", "printf '1.27.1 x y\\n1.26.2 x y\\n' | warn_of_age 1.25.9", "Go 1.25 is no longer mended by its makers; those that are: 1.27 and 1.26. Raise the version in go.mod.")]
    [InlineData("rust", "version.sh", "warn_of_age 1.85.1 2025-03-01", "")]
    [InlineData("rust", "version.sh", "warn_of_age 1.85.1 2025-03-25", "Rust 1.85 gets security fixes until 2025-04-03 only. Its makers mend the newest version alone: ask for a newer one.")]
    [InlineData("rust", "version.sh", "warn_of_age 1.85.1 2025-04-04", "Rust 1.85 has had no security fixes since 2025-04-03. Its makers mend the newest version alone: ask for a newer one.")]
    [InlineData("php", "project.sh", "warn_of_debian 'PHP 8.4' 2026-11-21", "")]
    [InlineData("php", "project.sh", "warn_of_debian 'PHP 8.4' 2030-01-01", "PHP 8.4 of Debian 13 gets security fixes until 2030-06-30 only. The platform's administrator has to move it to a newer Debian.")]
    [InlineData("php", "project.sh", "warn_of_debian 'PHP 8.4' 2030-07-01", "PHP 8.4 of Debian 13 has had no security fixes since 2030-06-30. The platform's administrator has to move it to a newer Debian.")]
    [InlineData("ruby", "version.sh", "warn_of_age 3.4.7 2026-11-21", "")]
    [InlineData("ruby", "version.sh", "warn_of_age 3.4.7 2028-01-01", "Ruby 3.4 gets security fixes until 2028-03-31 only. Ask for a newer one, like 4.0, in the Gemfile.")]
    [InlineData("ruby", "version.sh", "warn_of_age 3.2.9 2026-11-21", "Ruby 3.2 has had no security fixes since 2026-03-31. Ask for a newer one, like 4.0, in the Gemfile.")]
    [InlineData("elixir", "version.sh", "printf 'v%s a b\\n' 1.20.4 1.20.4-otp-27 1.19.5 1.18.4 1.17.3 1.16.3 1.15.8 1.21.0-rc.0 | warn_of_age 1.19.5", "")]
    [InlineData("elixir", "version.sh", "printf 'v%s a b\\n' 1.20.4 1.20.4-otp-27 1.19.5 1.18.4 1.17.3 1.16.3 1.15.8 1.21.0-rc.0 | warn_of_age 1.16.3", "Elixir 1.16 is mended by its makers only until the next version comes; those that are mended: 1.20, 1.19, 1.18, 1.17 and 1.16. Ask for a newer one.")]
    [InlineData("elixir", "version.sh", "printf 'v%s a b\\n' 1.20.4 1.20.4-otp-27 1.19.5 1.18.4 1.17.3 1.16.3 1.15.8 1.21.0-rc.0 | warn_of_age 1.15.8", "Elixir 1.15 is no longer mended by its makers; those that are: 1.20, 1.19, 1.18, 1.17 and 1.16. Ask for a newer one.")]
    public void Each_language_has_its_makers_rules(string buildpack, string file, string script, string warning)
    {
        using var shell = new BuildpackShell(buildpack);
        Assert.Equal((0, "", warning.Length == 0 ? "" : $"WARNING: {warning}\n"), shell.Run($"here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR; . \"$here/bin/{file}\"; {script}"));
    }
}
