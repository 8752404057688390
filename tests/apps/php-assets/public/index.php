<?php
header('Content-Type: text/plain; charset=utf-8');
$found = array_filter(['node', 'npm'], fn ($program) => trim((string) shell_exec("command -v $program")) !== '');
echo file_get_contents(__DIR__ . '/build/site.css');
echo 'programs of Node: ', $found ? implode(' ', $found) : 'none', "\n";
echo 'packages of Node: ', is_dir(__DIR__ . '/../node_modules') ? 'there' : 'none', "\n";
