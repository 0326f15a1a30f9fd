<?php
// one
# two
/* three */
$a = "// text";
$b = '# text'; # comment
echo $a . $b;
?>
