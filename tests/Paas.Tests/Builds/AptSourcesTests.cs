namespace Paas.Builds;

public sealed class AptSourcesTests
{
    private const string Signed = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";

    [Fact]
    public void Mirrors_of_the_host_serve_the_wanted_suite()
    {
        using var root = Debian("bookworm");
        root.Write("etc/apt/sources.list.d/debian.sources", """
            Types: deb
            # a comment
            URIs: http://mirror.lan/debian
            Suites: bookworm bookworm-updates bookworm-backports
            Components: main contrib
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

            Types: deb deb-src
            URIs: http://mirror.lan/debian-security
            Suites: bookworm-security
            Components: main
            """);

        Assert.Equal(
            [$"{Signed} http://mirror.lan/debian trixie main", $"{Signed} http://mirror.lan/debian trixie-updates main", $"{Signed} http://mirror.lan/debian-security trixie-security main"],
            Read(root).Lines);
    }

    [Fact]
    public void The_old_one_line_form_is_read_as_well()
    {
        using var root = Debian("trixie");
        root.Write("etc/apt/sources.list", "# deb http://off.lan/debian trixie main\ndeb [arch=amd64] http://mirror.lan/debian trixie main # ours\ndeb-src http://mirror.lan/debian trixie main\n");

        Assert.Equal([$"{Signed} http://mirror.lan/debian trixie main"], Read(root).Lines);
    }

    [Fact]
    public void A_vendors_archive_is_not_Debians()
    {
        using var root = Debian("bookworm");
        root.Write("etc/apt/sources.list.d/a.list", "deb [signed-by=/usr/share/keyrings/vendor.gpg] http://vendor.lan bookworm main\ndeb http://other.lan/apt bookworm stable\n");
        root.Write("etc/apt/sources.list.d/b.sources.disabled", "Types: deb\nURIs: http://x.lan\nSuites: bookworm\nComponents: main\n");

        Assert.Empty(Read(root).Lines);
    }

    [Fact]
    public void A_list_of_mirrors_in_a_file_gives_its_first()
    {
        using var root = Debian("trixie");
        root.Write("etc/apt/mirrors/debian.list", "# mirrors\nhttps://first.lan/debian\thigh\nhttps://second.lan/debian\n");
        root.Write("etc/apt/sources.list.d/debian.sources", "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: trixie\nComponents: main\n");

        Assert.Equal([$"{Signed} https://first.lan/debian trixie main"], Read(root).Lines);
    }

    [Fact]
    public void Another_distribution_has_no_mirror_to_lend()
    {
        using var root = new TempFolder();
        root.Write("etc/os-release", "ID=ubuntu\nVERSION_CODENAME=noble\n");
        root.Write("etc/apt/sources.list", "deb http://ubuntu.lan/ubuntu noble main\n");

        Assert.Empty(Read(root).Lines);
    }

    [Fact]
    public void Only_how_to_reach_a_mirror_is_handed_on()
    {
        using var root = Debian("trixie");
        var apt = AptSources.Read(root.Path, """
            Acquire::http::Proxy "http://proxy.lan:3128";
            Acquire::https "";
            Acquire::https::CAInfo "/etc/ssl/own.pem";
            Acquire::Check-Valid-Until "false";
            Acquire::Languages:: "none";
            APT::Install-Recommends "true";
            Dir::Etc "etc/apt";
            """, "trixie", ["main"]);

        Assert.Equal(["Acquire::http::Proxy \"http://proxy.lan:3128\"", "Acquire::https::CAInfo \"/etc/ssl/own.pem\"", "Acquire::Check-Valid-Until \"false\""], apt.Options);
    }

    [Fact]
    public void An_image_never_carries_the_mirrors_password()
    {
        using var root = Debian("trixie");
        root.Write("etc/apt/sources.list", "deb https://me:secret@mirror.lan/debian trixie main\n");

        Assert.Contains("secret", Assert.Single(Read(root).Lines), StringComparison.Ordinal);
        Assert.Equal($"{Signed} https://mirror.lan/debian trixie main", Assert.Single(Read(root).PublicLines()));
    }

    private static TempFolder Debian(string codename)
    {
        var root = new TempFolder();
        root.Write("etc/os-release", $"PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_CODENAME={codename}\n");
        return root;
    }

    private static AptSources Read(TempFolder root) => AptSources.Read(root.Path, "", "trixie", ["main"]);

    [Fact]
    public void What_builds_learn_of_mirrors_and_proxies_has_no_passwords()
    {
        var apt = new AptSources(
            ["deb [signed-by=/k.gpg] http://me:secret@mirror.lan/debian trixie main"],
            ["Acquire::http::Proxy \"http://me:secret@proxy.lan:3128\"", "Acquire::https::SslKey \"/root/key.pem\"", "Acquire::Retries \"3\""]);

        Assert.Equal(["deb [signed-by=/k.gpg] http://mirror.lan/debian trixie main"], apt.PublicLines());
        Assert.Equal(["Acquire::http::Proxy \"http://proxy.lan:3128\""], apt.PublicOptions());
        Assert.Equal(["mirror.lan:80", "proxy.lan:3128"], AptSources.Hosts([.. apt.PublicLines(), .. apt.PublicOptions()]).Select(host => $"{host.Host}:{host.Port}"));
    }
}
