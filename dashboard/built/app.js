function Wn(t){let[e,n]=t.replace(/^#\/?/,"").split("?");return{parts:e.split("/").filter(Boolean).map(ra),query:new URLSearchParams(n??"")}}function ra(t){try{return decodeURIComponent(t)}catch{return t}}function Ue(t){let e=Object.entries(t);return new URLSearchParams(e.filter(([n,o])=>o!=null&&(o!==""||n.startsWith("label."))))}function b(t,e={}){let n=Ue(e);return`#/${t.map(encodeURIComponent).join("/")}${n.size>0?`?${n}`:""}`}var Bn=function(t,e,n,o){var a;e[0]=0;for(var r=1;r<e.length;r++){var s=e[r++],l=e[r]?(e[0]|=s?1:2,n[e[r++]]):e[++r];s===3?o[0]=l:s===4?o[1]=Object.assign(o[1]||{},l):s===5?(o[1]=o[1]||{})[e[++r]]=l:s===6?o[1][e[++r]]+=l+"":s?(a=t.apply(l,Bn(t,l,n,["",null])),o.push(a),l[0]?e[0]|=2:(e[r-2]=0,e[r]=a)):o.push(l)}return o},Hn=new Map;function Kn(t){var e=Hn.get(this);return e||(e=new Map,Hn.set(this,e)),(e=Bn(this,e.get(t)||(e.set(t,e=(function(n){for(var o,a,r=1,s="",l="",u=[0],d=function(f){r===1&&(f||(s=s.replace(/^\s*\n\s*|\s*\n\s*$/g,"")))?u.push(0,f,s):r===3&&(f||s)?(u.push(3,f,s),r=2):r===2&&s==="..."&&f?u.push(4,f,0):r===2&&s&&!f?u.push(5,0,!0,s):r>=5&&((s||!f&&r===5)&&(u.push(r,0,s,a),r=6),f&&(u.push(r,f,0,a),r=6)),s=""},c=0;c<n.length;c++){c&&(r===1&&d(),d(c));for(var m=0;m<n[c].length;m++)o=n[c][m],r===1?o==="<"?(d(),u=[u],r=3):s+=o:r===4?s==="--"&&o===">"?(r=1,s=""):s=o+s[0]:l?o===l?l="":s+=o:o==='"'||o==="'"?l=o:o===">"?(d(),r=1):r&&(o==="="?(r=5,a=s,s=""):o==="/"&&(r<5||n[c][m+1]===">")?(d(),r===3&&(u=u[0]),r=u,(u=u[0]).push(2,0,r),r=0):o===" "||o==="	"||o===`
`||o==="\r"?(d(),r=2):s+=o),r===3&&s==="!--"&&(r=4,u=u[0])}return d(),u})(t)),e),arguments,[])).length>1?e:e[0]}var C,zn,aa,ct,We,oe,Gn,ee,Vn,Be,He,sa,jt=Symbol.for("pv"),re={},ae=[],ia=/^m(i|n|o|s|text|space)$/,Ke=Array.isArray,se=ae.slice,ut=Object.assign;function _t(t){t&&t.parentNode&&t.remove()}function Yn(t,e,n){var o,a,r,s={},l=arguments.length;for(r in e)r=="key"?o=e[r]:r=="ref"&&typeof t!="function"?a=e[r]:s[r]=e[r];return l>2&&(s.children=l>3?se.call(arguments,2):n),Et(t,s,o,a,null)}function Qe(t,e,n){var o,a,r,s=ut({},t.props),l=arguments.length;for(r in e)r=="key"?o=e[r]:r=="ref"&&typeof t.type!="function"?a=e[r]:s[r]=e[r];return l>2&&(s.children=l>3?se.call(arguments,2):n),Et(t.type,s,o!==void 0?o:t.key,a!==void 0?a:t.ref,null)}function Et(t,e,n,o,a){var r={type:t,props:e,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:jt,__v:a||++zn,__i:-1,__u:0};return!a&&C.vnode&&C.vnode(r),r}function Ft(t){return t.children}function yt(t,e){this.props=t,this.context=e,this.__g=0}function dt(t,e){if(e==null)return t.__&&dt(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:dt(t)}function la(t){var e,n=t.__v,o=n.__e,a=[],r=[],s=t.__P;s&&((e=ut({constructor:jt},n)).__v=n.__v+1,C.vnode&&C.vnode(e),Je(s,e,n,t.__n,s.namespaceURI,32&n.__u?[o]:null,a,o||dt(n),32&n.__u,r),e.__v=n.__v,e.__.__k[e.__i]=e,oo(a,e,r),n.__=n.__e=null,e.__e!=o&&Zn(e))}function Zn(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),Zn(t)}function Qn(t){(8&t.__g||(t.__g|=8,ct.push(t),oe++))&&We==C.debounceRendering||((We=C.debounceRendering)||queueMicrotask)(Xn)}function Xn(){try{for(var t,e=1;ct.length;)ct.length>e&&ct.sort(Gn),t=ct.shift(),e=ct.length,8&t.__g&&la(t)}finally{(oe=ct.length)&&(We||queueMicrotask)(Xn)}}function to(t,e,n,o,a,r,s,l,u,d,c){var m,f,p,h,$,x,_=o.__k||ae,y=e.length;for(u=ca(n,e,_,u,y),m=0;m<y;m++)(p=n.__k[m])!=null&&(f=~p.__i&&_[p.__i]||re,p.__i=m,x=Je(t,p,f,a,r,s,l,u,d,c),h=p.__e,(f.ref!=p.ref||8&f.__u)&&(f.ref&&ze(f.ref,null,p,f),p.ref&&c.push(p.ref,p.__c||h,p)),$=$||h,4&p.__u?(u=eo(p,u,t,!f.__v),f.__e&&(f.__e=null)):typeof p.type=="function"&&x!==void 0?u=x:h&&(u=h.nextSibling),p.__u&=-21);return n.__e=$,u}function ca(t,e,n,o,a){var r,s,l,u,d,c,m,f,p,h=n.length,$=h,x=0,_=0,y=t.__k=Array(a);for(r=0;r<a;r++)(s=e[r])!=null&&typeof s!="boolean"&&typeof s!="function"?(typeof s!="object"||s.constructor===String?s=y[r]=Et(null,s):Ke(s)?s=y[r]=Et(Ft,{children:s}):s.constructor===jt&&s.__b?s=y[r]=Et(s.type,s.props,s.key,s.ref,s.__v):y[r]=s,u=r+x,s.__=t,s.__b=t.__b+1,l=null,~(d=s.__i=ua(s,n,u,$))&&($--,(l=n[d])&&(l.__u|=2)),l&&l.__v?(s.__u|=16,d==u-1?x--:d==u+1?x++:d!=u&&(d>u?x--:x++,_=1)):(~d||(a>h?x--:a<h&&x++),typeof s.type!="function"&&(s.__u|=4))):y[r]=null;if(_){for(c=[],m=[],r=0;r<a;r++)if((s=y[r])&&16&s.__u){for(x=0,f=c.length;x<f;)c[p=x+f>>1]<s.__i?x=p+1:f=p;c[x]=s.__i,m[r]=x+1}for(x=c.length;r--;)m[r]&&(m[r]==x?x--:y[r].__u|=4)}if($)for(r=0;r<h;r++)!(l=n[r])||2&l.__u||(l.__e==o&&(o=dt(l)),Ge(l,l));return o}function eo(t,e,n,o){var a,r,s,l;if(typeof t.type=="function"){if(t.props.__P)return e;if(a=t.__k)for(r=0;r<a.length;r++)a[r]&&(a[r].__=t,e=eo(a[r],e,n,!1));return e}for(e&&!e.parentNode&&(e=dt(t))&&!e.parentNode&&(e=null),s=t.__e,l=e;l&&l.nodeType==8;)l=l.nextSibling;for(s!=l&&(!o&&n.moveBefore&&s.parentNode?n.moveBefore(s,e):n.insertBefore(s,e||null)),e=s;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function ua(t,e,n,o){var a,r=t.key,s=t.type,l=e[n],u=l&&!(2&l.__u);if(l===null&&r==null||u&&r==l.key&&s==l.type)return n;if(o>(u?1:0)){for(a=n-1;a>=0;a--)if((l=e[a])&&!(2&l.__u)&&r==l.key&&s==l.type)return a;for(a=n+1;a<e.length;a++)if((l=e[a])&&!(2&l.__u)&&r==l.key&&s==l.type)return a}return-1}function Jn(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function te(t,e,n,o,a){var r,s;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof o=="string"&&(t.style.cssText=o=""),o)for(e in o)n&&e in n||Jn(t.style,e);if(n)for(e in n)o&&n[e]==o[e]||Jn(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(t.__e||(t.__e={}))[e]=n,n&&o||(s=He[e]||(He[e]=da(e)),(t.__a||(t.__a={}))[e]=Be,r=e!=(e=e.replace(Vn,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,s,r):t.removeEventListener(e,s,r));else{if(a=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function da(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[ee]==null)e[ee]=Be++;else if(e[ee]<this.__a[t])return;return n(C.event?C.event(e):e)}}}function Je(t,e,n,o,a,r,s,l,u,d){var c,m,f,p,h,$,x,_,y,N,L,Fe,Fn,Xt,ht,Un,lt,$t,rt=e.type;if(e.constructor!==jt)return null;128&n.__u&&(u=32&n.__u,c=n.__c.__z)&&(e.__u|=u,m=r=[],c.nodeType==8?l=ne(c,r):r.push(c),l=r[0]||l),(c=C.__b)&&c(e);t:if(typeof rt=="function"){f=s.length;try{if(_=e.props,y=(c=rt.prototype)&&c.render,N=(c=rt.contextType)&&o[c.__c],L=c?N?N.props.value:c.__:o,(p=n.__c)?(e.__c=p,2&p.__g&&(p.__g|=1)):(y?e.__c=p=new rt(_,L):(e.__c=p=new yt(_,L),p.constructor=rt,p.render=ma),N&&N.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),y&&(p.__s||(p.__s=p.state),rt.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=ut({},p.__s)),ut(p.__s,rt.getDerivedStateFromProps(_,p.__s)))),h=p.props,$=p.state,p.__v=e,n.__c){if(_!==h&&y&&!rt.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(_,L),e.__v==n.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(_,p.__s,L)===!1){e.__v!=n.__v&&(p.props=_,p.state=p.__s,p.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(Y){Y&&(Y.__=e)}),ae.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&s.push(p),l=dt(n);break t}p.componentWillUpdate&&p.componentWillUpdate(_,p.__s,L),y&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(h,$,x)})}else y&&!rt.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),y&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=L,p.props=_,p.__P=t,p.__g&=-5,Fe=C.__r,Fn=y?25:0;do p.__g&=-9,Fe&&Fe(e),c=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++Fn<25);y&&(ae.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=ut({},o,p.getChildContext())),y&&n.__c&&p.getSnapshotBeforeUpdate&&(x=p.getSnapshotBeforeUpdate(h,$)),Xt=c&&c.type===Ft&&c.key==null?c.props.children:c,_.__P&&(c=l,a=(t=_.__P).namespaceURI,u=r=null,n.props&&n.props.__P!=t&&(n.__k.some(function(Y){Y&&Ge(Y,Y)}),n.__k=null),l=n.__k?dt(n,0):null),l=to(t,Ke(Xt)?Xt:[Xt],e,n,o,a,r,s,l,u,d),_.__P&&(e.__e=null,l=c),e.__u&=-161,m&&m.some(_t),p.__h.length&&s.push(p),1&p.__g&&(p.__g&=-4)}catch(Y){if(s.length=f,e.__v=null,u||r)if(Y&&Y.then){if(e.__u|=128|u,r){for(~(lt=r.indexOf(l||void 0))||(lt=r.length);($t=r[lt-1])&&$t.nodeType==8;)lt--;for(;lt<r.length;lt++)if($t=r[lt])if(r[lt]=null,ht){if($t==Un)break}else{if($t.nodeType!=8)break;$t.data.startsWith("$s")&&(Un=ne(ht=$t))}}if(!ht){for(;l&&l.nodeType==8&&l.nextSibling;)l=l.nextSibling;ht=l}(c=ne(ht=e.__c.__z||(e.__c.__z=ht)))?(e.__e=ht,l=c):e.__e=l,l=l&&l.nextSibling}else r&&r.some(_t);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),Y&&Y.then||no(e),C.__e(Y,e,n)}}else l=e.__e=pa(n.__e,e,n,o,a,r,s,u,d,t);return(c=C.diffed)&&c(e),l}function ne(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function no(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(no))}function oo(t,e,n){for(var o=0;o<n.length;)ze(n[o++],n[o++],n[o++]);C.__c&&C.__c(e,t),t.some(function(a){try{t=a.__h,a.__h=[],t.some(function(r){r.call(a)})}catch(r){C.__e(r,a.__v)}})}function pa(t,e,n,o,a,r,s,l,u,d){var c,m,f,p,h,$,x,_,y=n.props||re,N=e.props,L=e.type;if(L=="svg"?a="http://www.w3.org/2000/svg":L=="math"?a="http://www.w3.org/1998/Math/MathML":a||(a="http://www.w3.org/1999/xhtml"),r){for(c=0;c<r.length;c++)if((h=r[c])&&(L?h.localName==L:h.nodeType==3)){t=h,r[c]=null;break}}if(!t){if(_=d.ownerDocument||document,!L)return _.createTextNode(N);t=_.createElementNS(a,L,N.is?N:d),l&&(C.__m&&C.__m(e,r),l=!1),r=null}if(L){if(d=L=="template"&&t.content||t,r=L=="textarea"&&N.defaultValue!=null?null:r&&se.call(d.childNodes),!l&&r)for(y={},c=0;c<t.attributes.length;c++)y[(h=t.attributes[c]).name]=h.value;for(c in y)h=y[c],c=="dangerouslySetInnerHTML"?f=h:c=="children"||c in N||c=="value"&&"defaultValue"in N||c=="checked"&&"defaultChecked"in N||te(t,c,null,h,a);for(c in N)h=N[c],c=="children"?p=h:c=="dangerouslySetInnerHTML"?m=h:c=="value"?$=h:c=="checked"?x=h:l&&typeof h!="function"||y[c]===h||te(t,c,h,y[c],a);m?(l||f&&(m.__html==f.__html||m.__html==t.innerHTML)||(t.innerHTML=m.__html),e.__k=[]):(f&&(t.textContent=""),(L=="foreignObject"||a=="http://www.w3.org/1998/Math/MathML"&&ia.test(L))&&(a="http://www.w3.org/1999/xhtml"),to(d,Ke(p)?p:[p],e,n,o,a,r,s,r?r[0]:n.__k&&dt(n,0),l,u),r&&r.some(_t)),l&&L!="textarea"||(c="value",L=="progress"&&$==null?t.removeAttribute(c):$==null||$===t[c]&&(L!="progress"||$)||te(t,c,$,y[c],a),c="checked",x!=null&&x!=t[c]&&te(t,c,x,y[c],a))}else y===N||l&&t.data==N||(t.data=N);return t}function ze(t,e,n,o){try{typeof t=="function"?e?e.__x=t(e)||1:o&&(o=o.__c||o.__e)&&(e=o.__x)&&(o.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(a){C.__e(a,n)}}function Ge(t,e,n){var o,a,r,s;if(C.unmount&&C.unmount(t),!(o=t.ref)||o.current&&o.current!=t.__e||ze(o,null,e,t),o=t.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(l){C.__e(l,e)}o.__P=o.__n=null}if(o=t.__k)for(s=0;s<o.length;s++)o[s]&&Ge(o[s],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(o=t.__c)&&(o=o.__z)&&(a=ne(o,r=[]))&&(o==t.__e&&r.some(_t),_t(a),_t(o)),n||_t(t.__e),t.__e=t.__c=t.__=null}function ma(t,e,n){return this.constructor(t,n)}function Ve(t,e){var n,o,a,r;C.__&&C.__(t,e),e.nodeType==9&&(e=e.documentElement),o=(n=t&&32&t.__u)?null:e.__k,e.__k=Et(Ft,{children:[t]}),a=[],r=[],Je(e,e.__k,o||re,re,e.namespaceURI,o?null:e.firstChild?se.call(e.childNodes):null,a,o?o.__e:e.firstChild,n,r),oo(a,e.__k,r),e.__k.props.children=null}C={__e:function(t,e,n,o){for(var a,r,s;e=e.__;)if((a=e.__c)&&!(1&a.__g)){a.__g|=4;try{if((s=(r=a.constructor)&&r.getDerivedStateFromError)&&a.setState(r.getDerivedStateFromError(t)),a.componentDidCatch&&(a.componentDidCatch(t,o||{}),s=1),s&&8&a.__g)return void(a.__g|=2)}catch(l){t=l}}throw oe=0,t}},zn=0,aa=function(t){return t!=null&&t.constructor===jt},yt.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=ut({},this.state)),typeof t=="function"&&(t=t(ut({},n),this.props)),t&&(ut(n,t),this.__v&&(e&&this.__k.push(e),Qn(this)))},yt.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),Qn(this))},yt.prototype.render=Ft,ct=[],oe=0,Gn=function(t,e){return t.__v.__b-e.__v.__b},ee=Symbol(),Vn=/(PointerCapture)$|Capture$/i,Be=0,He={},sa=0;var bt,I,Ye,ro,Ze=Object.is,ie=0,fo=[],Xe=[],R=C,ao=R.__b,so=R.__r,io=R.diffed,lo=R.__c,co=R.unmount,uo=R.__;function Wt(t,e){R.__h&&R.__h(I,t,ie||e),ie=0;var n=I.__H||(I.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function g(t){return ie=1,fa(ho,t)}function fa(t,e,n){var o=Wt(bt++,2);if(o.t=t,!o.__c&&(o.__=[n?n(e):ho(void 0,e),function(r){var s=(o.__N||o.__)[0],l=o.t(s,r);Ze(s,l)||(o.__N=[l,o.__[1]],o.__c.setState({}))}],o.__c=I,!I.__f)){I.__f=!0;var a=I.shouldComponentUpdate;I.shouldComponentUpdate=function(r,s,l){var u=this.__H;if(!u)return!0;var d=!1,c=this.props!=r;if(u.__.some(function(f){f.__N&&(d=!0,Ze(f.__[0],f.__N[0])||(c=!0))}),a){var m=a.call(this,r,s,l);return d?m||c:m}return!d||c}}return o.__}function P(t,e){var n=Wt(bt++,3);!R.__s&&nn(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,I.__H.__h.push(n))}function Ht(t,e){var n=Wt(bt++,4);!R.__s&&nn(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,I.__h.push(n))}function j(t){return ie=5,gt(function(){return{current:t}},[])}function gt(t,e){var n=Wt(bt++,7);return nn(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function en(){var t=Wt(bt++,11);if(!t.__){for(var e=I.__v;!e.__m&&e.__;)e=e.__;var n=e.__m||(e.__m=[0,0]);t.__="P"+n[0]+"-"+n[1]++}return t.__}function ha(){var t;do{for(;t=Xe.shift();)try{Ut(t)}catch(n){R.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=fo.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(Ut),e.__h.some(tn),e.__h=[]}catch(n){e.__h=[],R.__e(n,t.__v)}}}while(Xe.length)}R.__b=function(t){I=null,ao&&ao(t)},R.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),uo&&uo(t,e)},R.__r=function(t){so&&so(t),bt=0;var e=(I=t.__c).__H;e&&(Ye==I?I.__h=[]:(e.__h.some(Ut),e.__h.some(tn),bt=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),Ye=I},R.diffed=function(t){io&&io(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&mo(fo.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),Ye=I=null},R.__c=function(t,e){e.some(function(n){try{n.__h.some(Ut),n.__h=n.__h.filter(function(o){return!o.__||tn(o)})}catch(o){n.__h=[function(){throw o}]}}),lo&&lo(t,e)},R.unmount=function(t){co&&co(t);var e,n,o=t.__c;o&&o.__H&&(o.__H.__.some(function(a){try{if(a.__P&&a.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}a.__P=n,mo(Xe.push(a))}else Ut(a)}catch(r){e=r}}),o.__H=void 0,e&&R.__e(e,o.__v))};var po=typeof requestAnimationFrame=="function";function $a(t){var e,n=function(){clearTimeout(o),po&&cancelAnimationFrame(e),setTimeout(t)},o=setTimeout(n,35);po&&(e=requestAnimationFrame(n))}function mo(t){t!=1&&ro==R.requestAnimationFrame||((ro=R.requestAnimationFrame)||$a)(ha)}function Ut(t){var e=I,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),I=e}function tn(t){var e=I;t.__c=t.__(),I=e}function nn(t,e){return!t||t.length!=e.length||e.some(function(n,o){return!Ze(n,t[o])})}function ho(t,e){return typeof e=="function"?e(t):e}var i=Kn.bind(Yn);function E(t){let e=t,n=new Set;return{get:()=>e,set(o){e=typeof o=="function"?o(e):o;for(let a of[...n])a(e)},listen(o){return n.add(o),()=>n.delete(o)}}}function w(t){let[e,n]=g(t.get());return P(()=>(n(()=>t.get()),t.listen(o=>n(()=>o))),[t]),e}var{content:on,dataset:_a}=document.querySelector('meta[name="taskway-api"]'),rn=on==="./"?"":on,$o=new URL(on,window.location.href).href.replace(/\/$/,""),Nt=_a.signIn==="token";function v(...t){return`${rn}${["v1",...t.map(encodeURIComponent)].join("/")}`}function F(t,e){let n=Ue(e);return n.size>0?`${t}?${n}`:t}var _o=[1e3,1e3,2e3,3e3,5e3],ya=5e3,H=E({down:null}),le=null,ce=0;function an(){H.get().down&&(clearTimeout(le),ce=0,H.set({down:null}))}function sn(t){H.get().down||(ce=0,H.set({down:{since:Date.now(),detail:t}}),yo())}function ln(){return clearTimeout(le),bo()}function yo(){clearTimeout(le);let t=_o[Math.min(ce,_o.length-1)];ce+=1,H.set(({down:e})=>({down:{...e,next:Date.now()+t}})),le=setTimeout(bo,t)}async function bo(){if(!document.hidden){try{let t=await fetch(`${rn}healthz`,{signal:AbortSignal.timeout(ya),cache:"no-store"});if(t.status!==502&&t.status!==504)return an()}catch{}H.get().down&&yo()}}document.addEventListener("visibilitychange",()=>{!document.hidden&&H.get().down&&ln()});var Z=E({value:null,refused:!1});function go(t){t!==null&&Z.get().value===t&&Z.set({value:null,refused:!0})}var wo=2,ba=6e4,kt=E(!0),ue=new Set,de=[],ko=null;function xo(){de=[...de.slice(-(wo-1)),performance.now()]}function So(t,e){let n={ask:t,every:e,due:0,asking:!1};return ue.add(n),cn(n),{stop:()=>ue.delete(n),now:()=>cn(n)}}async function cn(t){if(!t.asking){t.asking=!0;try{await t.ask()}finally{t.asking=!1,t.due=performance.now()+t.every,un()}}}function un(){clearTimeout(ko);let t=Nt&&Z.get().value===null;if(document.hidden||t||!kt.get()||H.get().down)return;let e=[...ue].filter(r=>!r.asking);if(e.length===0)return;let n=e.reduce((r,s)=>s.due<r.due?s:r),o=de.length<wo?0:de[0]+1e3,a=Math.max(n.due,o)-performance.now();ko=setTimeout(()=>a>0?un():cn(n),Math.min(Math.max(a,0),ba))}function pe(){un()}document.addEventListener("visibilitychange",pe);kt.listen(pe);Z.listen(pe);var vo=!1;H.listen(({down:t})=>{if(vo&&!t)for(let e of ue)e.due=0;vo=!!t,pe()});var me=E(dn());window.addEventListener("hashchange",()=>me.set(dn()));function dn(){return Wn(window.location.hash)}function X(t){window.location.hash=t}function fe(t){window.history.replaceState(null,"",t),me.set(dn())}var qt=E(!1),Pt={o:["Overview",[]],t:["Tasks",["tasks"]],d:["Dead letters",["dead"]],q:["Queues",["queues"]],s:["Schedules",["schedules"]],n:["Submit",["submit"]],a:["About",["about"]]},ga=1500,pn=0,To={"/":()=>(document.querySelector("[data-filter]")??document.querySelector("[data-jump]")).focus(),j:()=>Ao(1),k:()=>Ao(-1),x:()=>Co()?.querySelector("input[type=checkbox]")?.click(),"]":()=>document.querySelector("[data-next]")?.click(),"[":()=>window.history.back(),l:()=>kt.set(t=>!t),"?":()=>qt.set(!0)};function Oo(){document.addEventListener("keydown",t=>{if(!(t.ctrlKey||t.metaKey||t.altKey||t.defaultPrevented||document.querySelector("dialog[open]"))){if(t.target.closest("input:not([type=checkbox]), textarea, select")){t.key==="Escape"&&t.target.blur();return}ka(t.key)&&t.preventDefault()}})}function ka(t){if(performance.now()<pn&&t in Pt)return pn=0,X(b(Pt[t][1])),!0;if(t==="g")return pn=performance.now()+ga,!0;if(t in To)return To[t](),!0;let e=document.querySelector(`[data-key="${CSS.escape(t)}"]`);return!e||e.disabled?!1:(e.click(),!0)}var Co=()=>document.activeElement?.closest("[data-row]");function Ao(t){let e=[...document.querySelectorAll("[data-row]")];if(e.length===0)return;let n=e.indexOf(Co()),o=e[n<0?0:Math.min(Math.max(n+t,0),e.length-1)];o.querySelector("a.row").focus(),o.scrollIntoView({block:"nearest"})}import{answerTo as va,READ_WITHIN as wa,takeFirst as xa}from"./first.js";var Sa=3e4,Bt=class extends Error{constructor(e,n,o){super(n.detail||n.title||n.message||`the answer has status ${e}`),this.status=e,this.problem=n,this.id=o}},vt=class extends Error{},Ta=2e3,Eo=0;window.addEventListener("beforeunload",()=>{Eo=performance.now()+Ta});function O(t,e){return No("GET",t,void 0,wa,e)}function U(t,e,n){return No(t,e,n,Sa)}async function No(t,e,n,o,a){xo();let r=AbortSignal.timeout(o),s=Z.get().value,l=s?{authorization:`Bearer ${s}`}:{};t!=="GET"&&(l["content-type"]="application/json");let u={method:t,headers:l,signal:a?AbortSignal.any([a,r]):r,cache:"no-store"};n!==void 0&&(u.body=typeof n=="string"?n:JSON.stringify(n));let d,c;try{({answer:d,text:c}=await(t==="GET"&&xa(e)||va(e,u)))}catch(f){if(a?.aborted)throw f;let p=f.name==="TimeoutError";if(!p&&performance.now()<Eo)return new Promise(()=>{});let h=p?`no answer within ${o/1e3} s`:"no connection to the stack",$=t==="GET"?"":"; it may have been done all the same";throw sn(h),new vt(`${h}${$}`)}let m=Aa(c);if(d.status===502||d.status===504){let f=m?.detail??"the server between this page and the stack got no answer";throw sn(f),new vt(f)}if(an(),d.status===401&&Nt&&go(s),!d.ok)throw new Bt(d.status,m??{},d.headers.get("x-request-id"));return{json:m,text:c,status:d.status}}function Aa(t){try{return JSON.parse(t)}catch{return null}}var qo="taskway.bulk",Oa=2e4,at=500,Ca=20,wt=E(Ea());function Ea(){try{return(JSON.parse(sessionStorage.getItem(qo))??[]).map(e=>e.state==="running"?{...e,state:"stopped"}:e)}catch{return[]}}wt.listen(t=>{try{sessionStorage.setItem(qo,JSON.stringify(t.filter(e=>e.state!=="done")))}catch{}});function he({title:t,verb:e,steps:n,total:o}){let a=Date.now(),r={id:a,title:t,verb:e,steps:n,total:o,at:0,cursor:null,matched:0,done:0,refused:null,state:"running"};return wt.set(s=>[...s,r]),Ro(a)}function Do(t){Kt(t,{state:"stopped"})}function Lo(t){return Kt(t,{state:"running",problem:null}),Ro(t)}function mn(t){wt.set(e=>e.filter(n=>n.id!==t))}var Po=t=>wt.get().find(e=>e.id===t);function Kt(t,e){wt.set(n=>n.map(o=>o.id===t?{...o,...e}:o))}async function Ro(t){for(let e=Po(t);e?.state==="running";e=Po(t)){if(e.at>=e.steps.length){Kt(t,{state:"done"}),setTimeout(()=>mn(t),Oa);return}try{Kt(t,await Na(e))}catch(n){Kt(t,{state:"failed",problem:n.message});return}}}async function Na({steps:t,at:e,cursor:n,matched:o,done:a,refused:r}){let{path:s,body:l}=t[e];if(l===void 0){try{await U("POST",s)}catch(c){if(!(c instanceof Bt)||![404,409].includes(c.status))throw c;return{at:e+1,matched:o+1,refused:c.message}}return{at:e+1,matched:o+1,done:a+1,refused:r}}let{json:u}=await U("POST",s,{...l,cursor:n??void 0}),d=u.next_cursor;return{at:d?e:e+1,cursor:d,matched:o+u.matched,done:a+u.done}}function fn(t,e){let n=[];for(let o=0;o<e.length;o+=at)n.push({path:t,body:{ids:e.slice(o,o+at)}});return n}async function Io({path:t,parameters:e,fits:n},o,a){let r=0,s=null;for(let l=0;l<Ca;l+=1){let{json:u}=await O(F(t,{...e,limit:at,cursor:s}),o);if(r+=u.tasks.filter(n).length,s=u.next_cursor,!s)return{counted:r,more:!1};a(r)}return{counted:r,more:!0}}function Qt(t){return String(Math.round(t)).replace(/\B(?=(\d{3})+$)/g,",")}function k(t){return t==null?"\u2013":typeof t=="object"?`${Qt(t.at_least)}+`:Qt(t)}function G(t){return t==null?0:typeof t=="object"?t.at_least:t}function W(t,e,n=`${e}s`){return`${k(t)} ${G(t)===1&&typeof t!="object"?e:n}`}function Mo(t){let e=t*100;return`${e>0&&e<10?e.toFixed(1):Math.round(e)} %`}var Pa=[[1e3,6e4,"s"],[6e4,36e5,"min"],[36e5,864e5,"h"],[864e5,Number.POSITIVE_INFINITY,"d"]];function z(t){if(t<1e3)return`${Math.max(0,Math.round(t))} ms`;let[e,,n]=Pa.find(([,a])=>t<a),o=t/e;return`${o<10&&e>1e3?Math.floor(o*10)/10:Math.floor(o)} ${n}`}function jo(t,e){let n=e-t;return Math.abs(n)<1e3?"now":n>0?`${z(n)} ago`:`in ${z(-n)}`}var qa=["Sun","Mon","Tue","Wed","Thu","Fri","Sat"],Da=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"];function Fo(t){let e=new Date(t),n=[e.getHours(),e.getMinutes(),e.getSeconds()].map(o=>String(o).padStart(2,"0")).join(":");return{day:`${qa[e.getDay()]} ${e.getDate()} ${Da[e.getMonth()]}`,year:e.getFullYear(),time:n}}function hn(t){let{day:e,year:n,time:o}=Fo(t);return`${e} ${n}, ${o} (${t})`}function Uo(t){let{day:e,time:n}=Fo(t);return`${e}, ${n}`}function nt(t){return t?.handler?t.handler:t?.http?`${t.http.method??"POST"} ${t.http.url}`:t?.lambda?`\u03BB ${t.lambda.function}`:"unknown target"}function Jt(t){if(!t)return"no limit";let e=t.per_seconds===1?"second":`${Qt(t.per_seconds)} s`;return`${Qt(t.tasks)} per ${e}${t.burst>1?`, burst ${Qt(t.burst)}`:""}`}function Wo(){let t=w(wt);return t.length===0?null:i`<section class="tray" aria-label="Changes of many tasks">
    ${t.map(e=>i`<${La} key=${e.id} one=${e} />`)}
  </section>`}function La({one:t}){let{id:e,title:n,verb:o,total:a,steps:r,at:s,matched:l,done:u,refused:d,state:c,problem:m}=t,f=a>0?Math.max(a,l):null,p=c==="done"?1:f?l/f:s/r.length;return i`
    <article class=${`bulk ${c}`}>
      <h2>${n}</h2>
      <progress max="1" value=${p} aria-label=${n}></progress>
      <p role="status">
        ${W(u,"task")} ${o}${f&&c!=="done"?` of ${k(f)}`:""}${l>u?`, ${k(l-u)} had moved on`:""}${c==="stopped"?"; stopped":""}${c==="done"?".":""}
      </p>
      ${d&&i`<p class="faint">${d}</p>`}
      ${c==="failed"&&i`<p class="bad">${m}. What was done stays done.</p>`}
      <div class="buttons">
        ${c==="running"&&i`<button type="button" onClick=${()=>Do(e)}>Stop</button>`}
        ${(c==="stopped"||c==="failed")&&i`<button type="button" class="primary" onClick=${()=>Lo(e)}>Go on</button>`}
        ${c!=="running"&&i`<button type="button" onClick=${()=>mn(e)}>Close</button>`}
      </div>
    </article>
  `}var $n=E(null);function ot(t){return new Promise(e=>$n.set({...t,resolve:e}))}function Ho(){let t=w($n);return t&&i`<${Ra} key=${t.title} ...${t} />`}function Ra({title:t,text:e,verb:n,danger:o=!0,typed:a,resolve:r}){let s=j(),[l,u]=g("");P(()=>s.current.showModal(),[]);let d=m=>{s.current?.close(),$n.set(null),r(m)};return i`
    <dialog ref=${s} aria-labelledby="question" onCancel=${m=>{m.preventDefault(),d(!1)}}>
      <form onSubmit=${m=>{m.preventDefault(),d(!0)}}>
        <h2 id="question">${t}</h2>
        <div class="question">${e}</div>
        ${a&&i`<div class="field"><label><span>Type <code>${a}</code> to go on</span>
            <input value=${l} onInput=${m=>u(m.target.value)} autocomplete="off" autofocus />
          </label></div>`}
        <div class="buttons end">
          <button type="button" onClick=${()=>d(!1)}>Leave it</button>
          <button type="submit" class=${o?"danger":"primary"} disabled=${a!==void 0&&l!==a} autofocus=${!a}>${n}</button>
        </div>
      </form>
    </dialog>
  `}var B=E(null);async function _n(){try{B.set((await O("ui.json")).json)}catch{}}function pt(){return w(B)?.api??$o}function K(){return w(B)?.read_only??!1}var Ia=6e3,yn=E([]),Bo=0;function M(t,e="good"){Bo+=1;let n=Bo;yn.set(o=>[...o.slice(-3),{id:n,text:t,tone:e}]),setTimeout(()=>yn.set(o=>o.filter(a=>a.id!==n)),Ia)}function Ko(){let t=w(yn);return i`
    <div class="toasts" role="status" aria-live="polite">
      ${t.map(({id:e,text:n,tone:o})=>i`<p key=${e} class=${`toast ${o}`}>${n}</p>`)}
    </div>
  `}function Qo({here:t,children:e}){return i`
    <a class="skip" href="#main" onClick=${n=>{n.preventDefault(),document.getElementById("main").focus()}}>Skip to the content</a>
    <${Ma} here=${t} />
    <main id="main" tabindex="-1"><${Fa} />${e}</main>
  `}function Ma({here:t}){let e=w(B),n=w(kt),{down:o}=w(H),a=j();return P(()=>a.current.querySelector("[aria-current]")?.scrollIntoView({block:"nearest",inline:"nearest"}),[t]),i`<header class="top">
    <a class="brand" href=${b([])}><img src="icon.svg" alt="" width="20" height="20" /> Taskway</a>
    <nav ref=${a} aria-label="Screens">
      ${Object.entries(Pt).map(([r,[s,l]])=>i`<a key=${r} href=${b(l)} aria-current=${(l[0]??"")===t?"page":null} title=${`keys g ${r}`}>${s}</a>`)}
    </nav>
    <div class="aside">
      ${e?.read_only&&i`<span class="chip">read only</span>`}
      <${ja} />
      <button type="button" class="quiet" aria-pressed=${n} title="key l" onClick=${()=>kt.set(!n)}><span class=${`dot ${n&&!o?"on":""}`} aria-hidden="true"></span>${n?o?"no answer":"live":"stopped"}</button>
      <button type="button" class="quiet" title="key ?" aria-label="Keys" onClick=${()=>qt.set(!0)}>?</button>
    </div>
  </header>`}function ja(){let[t,e]=g("");return i`<form class="jump" role="search" aria-label="Find a task" onSubmit=${o=>{o.preventDefault(),t.trim()!==""&&(X(b(["tasks",t.trim()])),e(""))}}>
    <input data-jump type="search" placeholder="Task id" aria-label="Task id" autocomplete="off" value=${t} onInput=${o=>e(o.target.value)} />
  </form>`}function Fa(){let{down:t}=w(H),[e,n]=g(Date.now()),o=j(null);if(P(()=>{if(o.current&&!t&&M("The stack answers again."),o.current=t,!t)return;n(Date.now());let r=setInterval(()=>n(Date.now()),500);return()=>clearInterval(r)},[t]),!t)return null;let a=Math.max(0,Math.ceil((t.next-e)/1e3));return i`<div class="banner" role="alert">
    <p><strong>The stack does not answer</strong>: ${t.detail}. What you see is from before. <span aria-hidden="true">Asking again ${a>0?`in ${a} s`:"now"}.</span></p>
    <button type="button" onClick=${ln}>Ask now</button>
  </div>`}var Ua=[["/","to the filter, or to the box that takes a task id"],["j  k","next row, row before"],["Enter","open the row"],["x","select the row"],["]  [","next page, back"],["n  r  c","of a task: run now, retry, cancel"],["e","edit: submit a task again, change limits or a schedule"],["p","pause or resume a queue or a schedule"],["v","keep the filters of the tasks as a view"],["l","stop or go on following the stack"],["Esc","leave a field or a question"],["?","this list"]];function Jo(){return w(qt)&&i`<${Wa} />`}function Wa(){let t=j();P(()=>t.current.showModal(),[]);let e=()=>qt.set(!1),n=([o,a])=>i`<tr key=${o}><th scope="row">${o.split(/ +/).map(r=>i`<kbd>${r}</kbd> `)}</th><td>${a}</td></tr>`;return i`<dialog ref=${t} aria-labelledby="keys" onClose=${e}>
    <h2 id="keys">Keys</h2>
    <table class="keys"><tbody>
      ${Ua.map(n)}
      ${Object.entries(Pt).map(([o,[a]])=>n([`g ${o}`,a]))}
    </tbody></table>
    <div class="buttons end"><button type="button" class="primary" autofocus onClick=${()=>t.current.close()}>Close</button></div>
  </dialog>`}var Ha={"/problems/not-found":"It may have been deleted, or its record was kept only until its time was over.","/problems/state-conflict":"It has moved on in the meantime. Look at its state, and decide again.","/problems/throttled":"DynamoDB throttles the stack. Wait a moment, and try again.","/problems/unavailable":"DynamoDB or SQS does not answer the stack. Wait a moment, and try again.","/problems/unauthorized":"Start `taskway ui` with credentials that may call this API.","/problems/read-only":"This dashboard only looks. Start it without --read-only to change something.","/problems/internal":"The log of the stack has the cause under this request id."};function T({problem:t,retry:e,alone:n=!1}){if(!t||e&&!n&&t instanceof vt)return null;let o=t.problem??{},a=Ha[o.type];return i`
    <div class="problem" role="alert">
      <p><strong>${Ba(t,o)}</strong></p>
      ${!o.errors?.length&&t.message!==o.title&&i`<p>${t.message}</p>`}
      ${o.errors?.length>0&&i`<ul>
        ${o.errors.map(r=>i`<li><code>${Ka(r)}</code> ${r.detail}</li>`)}
      </ul>`}
      ${a&&i`<p>${a}</p>`}
      ${t.id&&i`<p class="faint">request id <code>${t.id}</code></p>`}
      ${e&&i`<p><button type="button" onClick=${e}>Try again</button></p>`}
    </div>
  `}function Ba(t,e){return e.title?e.title:t instanceof vt?"The stack does not answer":t.status?`The API refused this with ${t.status}`:"This page failed"}function Ka({pointer:t,header:e,parameter:n}){return t??e??n??""}function q({problem:t,retry:e}){return t?i`<${T} problem=${t} retry=${e} alone />`:i`<p class="faint loading" role="status">Loading…</p>`}function S({label:t,hint:e,fault:n,children:o}){let a=en(),r=Array.isArray(o)?o[0]:o;return i`<div class=${`field ${n?"faulty":""}`}>
    <label><span>${t}</span>${Qe(r,n||e?{"aria-describedby":a,"aria-invalid":n?"true":null}:{})}</label>
    ${n?i`<span id=${a} class="bad" role="alert">${n}</span>`:e&&i`<span id=${a} class="faint">${e}</span>`}
  </div>`}function Q(t,e){return(t?.problem?.errors??[]).filter(({pointer:a})=>a===e||a?.startsWith(`${e}/`)).map(({detail:a})=>a).join("; ")}function V(t){let e=String(t??"").trim();if(e==="")return null;let n=Number(e);return Number.isNaN(n)?e:n}var Qa=/^[\w.~+/=-]+$/;function bn(){let{refused:t}=w(Z),[e,n]=g(""),[o,a]=g(t?"The API did not take that token. It may have expired.":null);return i`
    <header class="top"><span class="brand"><img src="icon.svg" alt="" width="20" height="20" /> Taskway</span></header>
    <main>
      <h1>Sign in</h1>
      <form class="panel" onSubmit=${s=>{s.preventDefault();let l=e.trim().replace(/^bearer\s+/i,"");Qa.test(l)?Z.set({value:l,refused:!1}):a("A token has letters, digits and - . _ ~ + / = only. This one may have been cut, or has a character too many.")}}>
        <${S} label="Token" fault=${o} hint="A bearer token of the API's issuer, for one of its audiences. The page keeps it in memory only, so a reload asks for it again.">
          <input class="secret" type="text" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" value=${e} onInput=${s=>{n(s.target.value),a(null)}} />
        <//>
        <button type="submit" class="primary">Sign in</button>
      </form>
    </main>
  `}var Ja=40,xt=new Map;function za(t,e){xt.delete(t),xt.set(t,{data:e,at:Date.now()}),xt.size>Ja&&xt.delete(xt.keys().next().value)}function A(t,e,n){let[o,a]=g({key:null}),r=j();r.current=e;let s=j();return Ht(()=>{if(t===null)return;let u=new AbortController,c=So(async()=>{try{let m=await r.current(u.signal);if(u.signal.aborted)return;za(t,m),a({key:t,data:m,at:Date.now()})}catch(m){u.signal.aborted||a(f=>({...f.key===t?f:xt.get(t),key:t,problem:m}))}},n);return s.current=c,()=>{c.stop(),u.abort()}},[t,n]),{...o.key===t?o:{...xt.get(t)},refresh:()=>s.current?.now()}}var Ga={dev:"taskway dev: the embedded stack, in one process on this machine",ui:"taskway ui: a server on this machine that passes calls on to the API",api:"the API itself. The page sends it your token, and keeps the token in memory only"},Va=async t=>(await O(v("stats"),t)).json.usage??[];function Ya(){let{data:t,problem:e,refresh:n}=A("usage",Va,6e4);return i`
    <section class="panel" aria-labelledby="usage">
      <h2 id="usage">What the calls cost</h2>
      <${T} problem=${e} retry=${n} />
      ${t?.length>0&&i`<table class="rows">
          <thead><tr><th scope="col">Month</th><th scope="col" class="num">Write units</th><th scope="col" class="num">Read units</th><th scope="col" class="num">SQS</th></tr></thead>
          <tbody>${t.map(({month:o,write_units:a,read_units:r,sqs_requests:s})=>i`<tr key=${o}><th scope="row">${o}</th>
                <td class="num">${k(a)}</td><td class="num">${k(r)}</td><td class="num">${k(s)}</td></tr>`)}</tbody>
        </table>`}
      ${t?.length===0&&i`<p>No process has told yet. Each tells its own once in five minutes.</p>`}
      ${!t&&!e&&i`<${q} />`}
      <p>Units of DynamoDB and requests to SQS that AWS bills for the calls of Taskway's processes, as far as they have told. Months are those of UTC. Lambda's time and its own polls of SQS, API Gateway, storage and logs come on top. The embedded stack counts what AWS would bill.</p>
    </section>`}function zo(){let t=w(B),e=pt();return t?i`
    <h1>About</h1>
    <section class="panel"><dl class="fields">
      <dt>version</dt><dd>${t.version}</dd>
      <dt>served by</dt><dd>${Ga[t.serves]??t.serves}</dd>
      <dt>API</dt><dd><code>${e}</code></dd>
      <dt>may change things</dt><dd>${t.read_only?"no: it was started with --read-only":"yes"}</dd>
    </dl></section>
    <${Ya} />
    <section class="panel">
      <h2>What this page asks for</h2>
      <p>At most two requests a second while you look at it, and none while it is hidden. Nothing leaves for any other place. The numbers are those of the API: SQS's may be a minute old.</p>
      <p>It is drawn with Preact and htm: <a href="licences.txt">their licences</a>.</p>
    </section>
  `:i`<h1>About</h1><${q} />`}var Za=50;function $e(t){return{queue:t.get("queue")??"",state:t.get("state")??"",labels:[...t].filter(([e])=>e.startsWith("label.")).map(([e,n])=>[e.slice(6),n]),cursor:t.get("cursor")??""}}function J(t,{queue:e,state:n,labels:o,cursor:a=""}){return b([t],{...St({queue:e,state:n,labels:o}),cursor:a})}function St({queue:t,state:e,labels:n}){return{queue:t,state:e,...Object.fromEntries(n.map(([o,a])=>[`label.${o}`,a]))}}function Go({state:t,cursor:e,...n}){let o=t==="failed",a=St({...n,state:o?"":t});return F(v(o?"dead":"tasks"),{...a,limit:Za,cursor:e})}function _e(t){let e=/^((?:\\[\\=]|\\(?![\\=])|[^\\=])+)=(.*)$/s.exec(t),n=e?.[1].trim().replace(/\\([\\=])/g,"$1");return n?[n,e[2].trim()]:null}function tt(t,e){return`${t.replace(/[\\=]/g,"\\$&")}=${e}`}function Vo({list:t,onCounted:e}){let[n,o]=g({counted:0,counting:!0});return P(()=>{let a=new AbortController;return Io(t,a.signal,r=>!a.signal.aborted&&o({counted:r,counting:!0})).then(r=>{o({...r,counting:!1}),e(r.counted)},r=>!a.signal.aborted&&o(s=>({...s,counting:!1,problem:r}))),()=>a.abort()},[]),i`<p class="dry" aria-live="polite">
    ${n.counting&&i`Counting… <strong>${k(n.counted)}</strong> so far`}
    ${n.problem&&i`The count ended at <strong>${k(n.counted)}</strong>: ${n.problem.message}`}
    ${!n.counting&&!n.problem&&i`<strong>${W(n.more?{at_least:n.counted}:n.counted,"task")}</strong> ${n.counted===1?"matches":"match"} now.`}
  </p>`}var Yo=["scheduled","queued","running","succeeded","failed","cancelled","expired"],Xa={scheduled:"\u25F7",queued:"\u2261",running:"\u25B8",succeeded:"\u2713",failed:"\u2715",cancelled:"\u2298",expired:"\u25CC"},Tt=t=>["scheduled","queued","running"].includes(t),Dt=t=>["scheduled","queued"].includes(t),ye=t=>["succeeded","failed","cancelled","expired"].includes(t);function Lt({of:t}){return i`<span class=${`state ${t}`}><span class="shape" aria-hidden="true">${Xa[t]??"?"}</span><span class="word">${t}</span></span>`}var Zo={cancel:{title:"Cancel this task?",text:"A task that waits never starts. A running attempt learns of it at its next heartbeat, within 30 s, and its result is dropped.",verb:"Cancel the task",done:"Cancelled.",many:"cancelled",manyText:"Those that wait never start. Running attempts learn of it at their next heartbeat, within 30 s, and their results are dropped."},run:{done:"It starts now.",many:"started",manyText:"They start now, whatever their time is.",danger:!1},retry:{title:"Start this task again?",text:"Its attempts are counted from 0. A deadline that has passed is dropped.",verb:"Start it again",danger:!1,done:"It starts again.",many:"started again",manyText:"Their attempts are counted from 0. Deadlines that have passed are dropped."}};async function At(t,e){try{await t()}catch(n){return M(n.message,"bad"),!1}return M(e),!0}async function Xo(t,e){let{title:n,text:o,verb:a,danger:r,done:s}=Zo[t];return n&&!await ot({title:n,text:o,verb:a,danger:r})?!1:At(()=>U("POST",v("tasks",e,t)),s)}async function tr(t,e){let{many:n,manyText:o,danger:a}=Zo[t],r=W(e.length,"task"),s={cancel:"Cancel",run:"Run",retry:"Retry"}[t];if(!await ot({title:`${s} ${r}?`,text:o,verb:`${s} ${r}`,danger:a}))return!1;let u=t==="cancel"?fn(v("tasks","cancel"),e):e.map(d=>({path:v("tasks",d,t)}));return he({title:`${s} ${r}`,verb:n,steps:u,total:e.length}),!0}async function er(t,e){let n=W(t.length,"task"),o=`Redrive ${n}?`;if(!await ot({title:o,text:e,verb:`Redrive ${n}`,danger:!1}))return!1;let r=fn(v("dead","redrive"),t);return he({title:`Redrive ${n}`,verb:"started again",steps:r,total:t.length}),!0}function nr({queue:t,state:e,labels:n}){let o={limit:at};return t&&(o.queue=t),e&&(o.state=e),n.length>0&&(o.labels=Object.fromEntries(n)),o}async function be(t){return gn({title:"Redrive all that match",text:`${ar({...t,state:null},"every failed task")} start again. Their attempts are counted from 0.`,verb:"Redrive them",many:"started again",danger:!1,list:{path:v("dead"),parameters:St({...t,state:""}),fits:()=>!0},step:{path:v("dead","redrive"),body:nr({...t,state:""})}})}async function or(t){let e=nr(t),n=!t.queue&&!t.state&&t.labels.length===0;return gn({title:"Cancel all that match",text:`${ar(t,"every open task of the stack")} are cancelled, if they have not ended.`,verb:"Cancel them",many:"cancelled",typed:n?"everything":void 0,list:{path:v("tasks"),parameters:St(t),fits:({state:o})=>Tt(o)},step:{path:v("tasks","cancel"),body:n?{...e,all:!0}:e}})}async function rr(t){return gn({title:`Purge ${t}`,text:"The tasks of this queue that wait are cancelled. Those that run go on, and the queue stays.",verb:"Purge the queue",many:"cancelled",typed:t,list:{path:v("tasks"),parameters:{queue:t},fits:({state:e})=>Dt(e)},step:{path:v("queues",t,"purge"),body:{}}})}async function gn({title:t,text:e,verb:n,many:o,danger:a,typed:r,list:s,step:l}){let u=null,c=i`<p>${e}</p><${Vo} list=${s} onCounted=${m=>{u=m}} />`;return await ot({title:`${t}?`,text:c,verb:n,danger:a,typed:r})?(he({title:t,verb:o,steps:[l],total:u}),!0):!1}function ar({queue:t,state:e,labels:n},o){let a=[];t&&a.push(`in queue ${t}`),e&&a.push(`that are ${e}`);for(let[r,s]of n)a.push(`with ${tt(r,s)}`);return a.length>0?`Tasks ${a.join(", ")}`:`${o[0].toUpperCase()}${o.slice(1)}`}function ts(t){let e=(t?.message??"no error was kept").replace(/"[^"]*"|'[^']*'|`[^`]*`/g,'"\u2026"').replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,"\u2026").replace(/\bt[A-Za-z0-9_-]{30,}\b/g,"\u2026").replace(/0x[0-9a-f]+|\d+(?:[.,]\d+)*/gi,"#");return`${t?.kind??"unknown"}: ${e}`}function ge(t){let e=new Map;for(let o of t){let a=ts(o.error),r=e.get(a)??{key:a,kind:o.error?.kind??"unknown",tasks:[],queues:new Map};r.tasks.push(o),r.queues.set(o.queue,(r.queues.get(o.queue)??0)+1),e.set(a,r)}return[...e.values()].map(o=>({...o,latest:o.tasks[0],first:o.tasks[o.tasks.length-1]})).sort((o,a)=>a.tasks.length-o.tasks.length)}function sr({tasks:t,next_cursor:e},n,o){let a=Array(n).fill(0),r=({finished_at:u})=>n-1-Math.max(0,Math.floor((o-Date.parse(u))/6e4));for(let u of t)r(u)>=0&&(a[r(u)]+=1);let s=t[t.length-1],l=e?s?r(s):n-1:-1;return a.map((u,d)=>d>l?u:d===l?{at_least:u}:null)}async function zt(t,e){let{json:n}=await O(F(v("dead"),t),e);return n}var es=100,Rt=E(new Map);async function It(t){let{json:e}=await O(F(v("queues"),{limit:es}),t);return e}async function kn(t,e){let{json:n}=await O(v("queues",t),e);return Rt.set(o=>new Map(o).set(t,{...n,at:Date.now()})),n}async function ke(t,e){let n=Rt.get(),o=r=>n.get(r)?.at??0,[a]=[...t].sort((r,s)=>o(r)-o(s));return a!==void 0&&await kn(a,e),null}function ir(t){return!!(t.concurrency??t.rate??t.per_key?.concurrency??t.per_key?.rate)}function vn(t,e,n){X(J(t,{...e,cursor:"",...n}))}function Gt({screen:t,filters:e,states:n=!1}){let o=A("queues",It,6e4);return i`<div class="filters" role="search" aria-label="Filters">
    ${n&&i`<${ns} screen=${t} filters=${e} />`}
    <div class="inputs">
      <${os} screen=${t} filters=${e} known=${o.data?.queues??[]} />
      <${rs} screen=${t} filters=${e} />
      ${e.labels.map(([a,r],s)=>i`<span class="chip" key=${a}>${tt(a,r)}
          <button type="button" class="quiet" aria-label=${`Remove the label ${tt(a,r)}`} onClick=${()=>vn(t,e,{labels:e.labels.filter((l,u)=>u!==s)})}>✕</button>
        </span>`)}
      ${(e.queue||e.labels.length>0)&&i`<a href=${J(t,{state:e.state,labels:[]})}>Clear</a>`}
    </div>
  </div>`}function ns({screen:t,filters:e}){let n=(o,a)=>i`<a class="tab" key=${o} aria-current=${e.state===o?"true":null} href=${J(t,{...e,cursor:"",state:o})}>${a}</a>`;return i`<nav class="tabs" aria-label="States">${n("","all")}${Yo.map(o=>n(o,o))}</nav>`}function os({screen:t,filters:e,known:n}){let[o,a]=g(e.queue);P(()=>a(e.queue),[e.queue]);let r=()=>o.trim()!==e.queue&&vn(t,e,{queue:o.trim()});return i`<label>Queue
    <input type="search" data-filter list="queues" value=${o} placeholder="any" autocomplete="off"
      onInput=${s=>a(s.target.value)} onChange=${r} onSearch=${r}
      onKeyDown=${s=>s.key==="Enter"&&r()} />
    <datalist id="queues">${n.map(({name:s})=>i`<option key=${s} value=${s} />`)}</datalist>
  </label>`}function rs({screen:t,filters:e}){let[n,o]=g(""),[a,r]=g(!1),s=()=>{let l=_e(n);r(!l&&n.trim()!==""),l&&(o(""),vn(t,e,{labels:[...e.labels.filter(([u])=>u!==l[0]),l]}))};return i`<label>Label
    <input value=${n} placeholder="name=value" title="\\= stands for a = in the name" autocomplete="off"
      aria-invalid=${a?"true":null} aria-describedby=${a?"label-fault":null}
      onInput=${l=>{o(l.target.value),r(!1)}} onChange=${s} onKeyDown=${l=>l.key==="Enter"&&s()} />
    ${a&&i`<span id="label-fault" class="bad" role="alert">Type name=value, with \\= for a = in the name.</span>`}
  </label>`}var wn=new Set;setInterval(()=>{if(!document.hidden)for(let t of wn)t()},1e3);function lr(t){let[,e]=g(""),n=t(Date.now());return P(()=>{let o=()=>e(t(Date.now()));return wn.add(o),()=>wn.delete(o)}),n}function D({at:t}){let e=lr(n=>jo(Date.parse(t),n));return i`<time datetime=${t} title=${hn(t)}>${e}</time>`}function ve({at:t}){let e=lr(n=>z(n-Date.parse(t)));return i`<time datetime=${t} title=${`since ${hn(t)}`}>${e}</time>`}function mt({tasks:t,selected:e,onSelect:n}){let o=e&&t.length>0&&t.every(({id:a})=>e.has(a));return i`<div class="scroll"><table class="rows tasks">
    <thead><tr>
      ${e&&i`<td class="check"><input type="checkbox" aria-label="Select all on this page" checked=${o} onChange=${()=>n(t,!o)} /></td>`}
      <th scope="col">State</th><th scope="col">Task</th><th scope="col" class="wide">Queue</th>
      <th scope="col" class="num wide">Attempt</th><th scope="col" class="wide">Details</th><th scope="col" class="num">When</th>
    </tr></thead>
    <tbody>${t.map(a=>i`<${as} key=${a.id} task=${a} selected=${e} onSelect=${n} />`)}</tbody>
  </table></div>`}function as({task:t,selected:e,onSelect:n}){let o=e?.has(t.id);return i`<tr data-row class=${o?"chosen":""}>
    ${e&&i`<td class="check"><input type="checkbox" aria-label=${`Select ${t.id}`} checked=${o} onChange=${()=>n([t],!o)} /></td>`}
    <td><${Lt} of=${t.state} /></td>
    <th scope="row"><a class="row" href=${b(["tasks",t.id])}><span class="name">${nt(t.target)}</span><code class="id">${t.id}</code></a></th>
    <td class="wide"><a href=${b(["tasks"],{queue:t.queue})}>${t.queue}</a></td>
    <td class="num wide">${t.attempt}<span class="faint"> / ${t.retry.max_attempts}</span></td>
    <td class="wide known">${ss(t)}</td>
    <td class="num when">${is(t)}</td>
  </tr>`}function ss({error:t,progress:e,schedule:n,labels:o,state:a,fairness_key:r}){if(t&&a!=="cancelled")return i`<span class="bad" title=${t.message}>${t.kind}: ${t.message}</span>`;if(a==="running"&&e)return i`<progress max=${e.total||1} value=${e.done} aria-label="progress"></progress> ${e.done} / ${e.total}`;let s=Object.entries(o??{}).map(([l,u])=>tt(l,u));return r&&s.unshift(`key ${r}`),n&&s.unshift(`schedule ${n}`),i`<span class="faint">${s.join(", ")}</span>`}function is(t){if(t.state==="running")return i`<${ve} at=${t.started_at} />`;if(t.finished_at)return i`<${D} at=${t.finished_at} />`;let e=t.next_attempt_at??t.run_at;return i`${Date.parse(e)<Date.now()&&"due "}<${D} at=${e} />`}var xn=50;function cr({query:t}){let e={...$e(t),state:""},n=St(e),o=`dead ${JSON.stringify(n)}`,a=A(o,f=>zt({...n,limit:at},f),15e3),r=cs(o,n),s=K(),l=gt(()=>ls(a.data?.tasks??[],r.tasks),[a.data,r.tasks]),u=gt(()=>ge(l),[l]),d=r.pages>0?r.next:a.data?.next_cursor,c=t.get("group"),m=f=>f&&a.refresh();return a.data?i`
    <h1>Dead letters</h1>
    <${Gt} screen="dead" filters=${e} />
    <${T} problem=${a.problem} retry=${a.refresh} />
    ${l.length===0?i`<${ds} filters=${e} />`:i`
        <div class="actions">
          ${!s&&i`<button type="button" onClick=${()=>be(e).then(m)}>Redrive all that match…</button>`}
          <span>${W(d?{at_least:l.length}:l.length,"failed task")} in ${W(u.length,"group")}</span>
          ${d&&i`<button type="button" disabled=${r.reading} onClick=${()=>r.read(d)}>${r.reading?"Reading\u2026":`Read ${at} older`}</button>`}
        </div>
        <${T} problem=${r.problem} />
        <ol class="plain groups">
          ${u.map(f=>i`<${us} key=${f.key} group=${f} open=${c===f.key} filters=${e} readOnly=${s} done=${m} />`)}
        </ol>`}
  `:i`<h1>Dead letters</h1><${Gt} screen="dead" filters=${e} /><${q} problem=${a.problem} retry=${a.refresh} />`}function ls(t,e){return[...new Map([...t,...e].map(o=>[o.id,o])).values()]}function cs(t,e){let n={key:t,tasks:[],next:null,pages:0,reading:!1},[o,a]=g(n);P(()=>a(n),[t]);let r=o.key===t?o:n;return{...r,read:async l=>{a({...r,reading:!0,problem:null});try{let u=await zt({...e,limit:at,cursor:l});a({...r,tasks:[...r.tasks,...u.tasks],next:u.next_cursor,pages:r.pages+1,reading:!1})}catch(u){a({...r,reading:!1,problem:u})}}}}function us({group:t,open:e,filters:n,readOnly:o,done:a}){let{key:r,tasks:s,latest:l,first:u,queues:d}=t,c=s.map(({id:h})=>h),m=Object.fromEntries(n.labels.map(([h,$])=>[`label.${h}`,$])),f=b(["dead"],{queue:n.queue,...m,group:e?"":r}),p=()=>er(c,`${W(c.length,"task")} that failed with \u201C${r}\u201D start again. Their attempts are counted from 0.`);return i`<li class="panel group" data-row>
    <div class="group-head">
      <span class="big num">${k(s.length)}</span>
      <div class="grow">
        <a class="row message" aria-expanded=${e} href=${f} onClick=${h=>{h.preventDefault(),fe(f)}}>${r}</a>
        <p class="faint">latest <${D} at=${l.finished_at} />${s.length>1&&i`, first <${D} at=${u.finished_at} />`} · ${[...d].map(([h,$])=>i`<a key=${h} href=${J("dead",{...n,queue:h})}>${h}</a> ${k($)} `)}</p>
      </div>
      ${!o&&i`<button type="button" onClick=${()=>p().then(a)}>Redrive ${k(s.length)}…</button>`}
    </div>
    ${e&&i`<${mt} tasks=${s.slice(0,xn)} selected=${null} />${s.length>xn&&i`<p class="faint">The latest ${xn} of ${k(s.length)}.</p>`}`}
  </li>`}function ds({filters:t}){let e=!t.queue&&t.labels.length===0;return i`<section class="panel teach">
    <h2>${e?"No task has failed":"No failed task matches"}</h2>
    <p>A task comes here when no attempt is left, or when an attempt fails for good. It stays until it is started again or its record's time is over.</p>
    ${!e&&i`<p><a href=${b(["dead"])}>Show all</a></p>`}
  </section>`}var ps=100,Vt=6e4,ms=10*Vt,Sn=E([]);async function ur(t){let{json:e}=await O(F(v("tasks"),{limit:ps}),t),n=Date.now(),o=fs(e,n),a=Math.round(o.came*Vt/o.within);return Sn.set(r=>[...r.filter(([s])=>s>n-ms),[n,a]]),o}function fs({tasks:t,next_cursor:e},n){let o=t.map(({created_at:l})=>n-Date.parse(l)),a=o[o.length-1]??Vt,r=e?Math.min(Math.max(a,1e3),Vt):Vt,s=l=>t.filter(({state:u})=>u===l).length;return{came:o.filter(l=>l<=r).length,within:r,tasks:t.length,succeeded:s("succeeded"),failed:s("failed")}}var dr=["succeeded","failed","cancelled","expired"],hs=t=>dr.reduce((e,n)=>e+t[n],0);function pr(t,e){let n=Array(60).fill(0),o=Math.floor(e/6e4);for(let r of t){let s=Math.min(59,59-o+Date.parse(r.at)/6e4);s>=0&&(n[s]+=hs(r))}let a=r=>t.reduce((s,l)=>s+l[r],0);return{minutes:n,ended:dr.reduce((r,s)=>r+a(s),0),failed:a("failed")}}var mr=/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;function*$s(t){for(let[e]of t.matchAll(mr))yield e}var we=new Set(["{","["]),fr=new Set(["}","]"]);function xe(t){let e=[],n=0,o="",a=[...$s(t)],r=()=>e.push(["space",`
${"  ".repeat(n)}`]);return a.forEach((s,l)=>{fr.has(s)?(n-=1,we.has(o)||r(),e.push(["mark",s])):((we.has(o)||o===",")&&r(),e.push([_s(s,a[l+1]),s]),s===":"&&e.push(["space"," "]),we.has(s)&&(n+=1)),o=s}),e}function _s(t,e){return t.startsWith('"')?e===":"?"name":"string":t.length===1&&"{}[],:".includes(t)?"mark":t==="true"||t==="false"||t==="null"?"word":"number"}function et(t){return xe(t).map(([,e])=>e).join("")}function st(t,e){let n=0,o=!1,a=-1;for(let r of t.matchAll(mr)){let[s]=r;if(n===1&&a>=0&&(s===","||s==="}"))return t.slice(a,r.index).trim();o&&s===":"?(a=r.index+1,o=!1):n===1&&a<0&&s.startsWith('"')&&(o=JSON.parse(s)===e&&/^\s*:/.test(t.slice(r.index+s.length,r.index+s.length+20))),we.has(s)&&(n+=1),fr.has(s)&&(n-=1)}}function Ot(t,e){return`{${[...Object.entries(t).map(([a,r])=>[a,JSON.stringify(r)]),...Object.entries(e)].filter(([,a])=>a!==void 0).map(([a,r])=>`${JSON.stringify(a)}:${r}`).join(",")}}`}function Yt(t){try{return JSON.parse(t),null}catch(e){return e.message}}function Se(t){let e={true:"True",false:"False",null:"None"};return xe(t).map(([n,o])=>n==="name"||n==="string"?JSON.stringify(JSON.parse(o)):n==="word"?e[o]:o).join("")}var ys={queue:"default",priority:"normal",timeout_seconds:60,retain_seconds:604800},bs={max_attempts:5,min_backoff_seconds:1,max_backoff_seconds:600,multiplier:2},gs=["target","queue","priority","timeout_seconds","retry","fairness_key","expected_duration_ms","retain_seconds","labels"],Ae=["on_success","on_failure"];function Oe(t,e){let n={};for(let a of gs){let r=t[a];if(!(r==null||r===ys[a])&&!(a==="labels"&&Object.keys(r).length===0)){if(a==="retry"){let s=Object.entries(r).filter(([l,u])=>u!==bs[l]);s.length>0&&(n.retry=Object.fromEntries(s));continue}n[a]=r}}let o={};for(let a of Ae)t[a]!=null&&(o[a]=st(e,a));return{fields:n,callbacks:o,payload:st(e,"payload")??"null"}}function $r({fields:t,callbacks:e,payload:n}){return et(Ot(t,{...e,payload:n}))}var ks={token:()=>['-H "authorization: Bearer $TASKWAY_TOKEN"'],signature:t=>[`--aws-sigv4 "aws:amz:${vs(t)}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,'${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}']};function vs(t){return/\.execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(new URL(t).hostname)?.[1]??"$AWS_REGION"}function _r({fields:t,callbacks:e,payload:n},o,a){return Tn(Ot(t,{...e,payload:n}),o,a)}function Tn(t,e,n){return`${[`curl -s ${e}/v1/tasks`,...ks[n]?.(e)??[],"-H 'content-type: application/json'"].join(" ")} -d ${Te(t)}`}function Ce({fields:t,callbacks:e,payload:n},o,a){let{target:r,retry:s={},labels:l={}}=t,u=a==="signature"&&!o.startsWith("https:")?["--sign"]:[],d=["taskway","--url",o,...u,"submit"],c=(m,f)=>f!=null&&d.push(m,Te(String(f)));if(r.handler&&d.push(r.handler),r.http){c("--http",r.http.url),r.http.method!=="POST"&&c("--method",r.http.method);for(let[m,f]of Object.entries(r.http.headers??{}))c("--header",`${m}:${f}`)}r.lambda&&(c("--lambda",r.lambda.function),c("--invocation",r.lambda.invocation),c("--tenant-id",r.lambda.tenant_id)),n!=="null"&&d.push(r.handler?Te(n):`--payload ${Te(n)}`),c("--queue",t.queue),c("--priority",t.priority),c("--timeout",t.timeout_seconds),c("--max-attempts",s.max_attempts),c("--min-backoff",s.min_backoff_seconds),c("--max-backoff",s.max_backoff_seconds),c("--multiplier",s.multiplier),c("--fairness-key",t.fairness_key),c("--expected-duration-ms",t.expected_duration_ms),c("--retain",t.retain_seconds);for(let[m,f]of Object.entries(l))c("--label",tt(m,f));for(let[m,f]of Object.entries(e))c(`--${m.replace("_","-")}`,f);return d.join(" ")}function yr({fields:t,callbacks:e,payload:n},o){let{target:a,retry:r}=t,s=p=>Se(JSON.stringify(p)),l=[],u=(p,h)=>h!=null&&l.push(`${p}=${h}`),d=new Set(["Taskway"]),c=({handler:p,http:h,lambda:$})=>h?(d.add("Http"),`Http(${s(h.url)}, ${s(h.method??"POST")}, ${s(h.headers??{})})`):$?(d.add("Lambda"),`Lambda(${s($.function)}, ${s($.invocation??null)}, ${s($.tenant_id??null)})`):s(p??""),m=c(a);for(let p of["queue","priority","fairness_key","labels"])t[p]!=null&&u(p,s(t[p]));u("timeout",t.timeout_seconds),u("retain",t.retain_seconds),t.expected_duration_ms!=null&&u("expected_duration",t.expected_duration_ms/1e3);for(let[p,h]of Object.entries(e)){d.add("Callback");let _=["queue","payload","labels"].map(y=>[y,st(h,y)]).filter(([,y])=>y!==void 0&&y!=="null").map(([y,N])=>`${y}=${hr(Se(N))}`);u(p,`Callback(${[c(JSON.parse(h).target),..._].join(", ")})`)}if(r){d.add("RetryPolicy");let p=Object.entries(r).map(([h,$])=>`${h.replace("_seconds","")}=${$}`);u("retry",`RetryPolicy(${p.join(", ")})`)}let f=l.map(p=>`, ${p}`).join("");return`from taskway import ${[...d].sort().join(", ")}

with Taskway(${s(o)}) as taskway:
    task = taskway.submit(${m}, ${hr(Se(n))}${f})
    print(task.id)`}function hr(t){return t.replaceAll(`
`,`
    `)}function Te(t){return/^[\w.,:/@%+=-]+$/.test(t)?t:`'${t.replaceAll("'","'\\''")}'`}function Ee({text:t,label:e="Copy"}){return i`<button type="button" class="quiet" onClick=${()=>ws(t)}>${e}</button>`}async function ws(t){try{await navigator.clipboard.writeText(t),M("Copied.")}catch{M("This browser does not let a page copy. Select the text and copy it by hand.","bad")}}function it({text:t,label:e}){let n=j();return i`
    <div class="snippet">
      <pre ref=${n} tabindex="0" role="region" aria-label=${e} onClick=${()=>{window.getSelection().isCollapsed&&window.getSelection().selectAllChildren(n.current)}}>${t}</pre>
      <${Ee} text=${t} />
    </div>
  `}var xs='eval "$(aws configure export-credentials --format env)"';function Ne(){let t=w(B)?.sender,e={signature:i`curl signs with the AWS credentials in the variables of your shell. The AWS CLI sets those of a profile: <code>${xs}</code>`,token:i`curl sends the token in <code>TASKWAY_TOKEN</code> of your shell.`,password:i`Add the user and password of the URL with <code>--user</code>.`}[t];return e?i`<p class="faint">${e}</p>`:null}function Mt(){let t=w(B),e=pt(),n=Tn('{"target": {"handler": "echo"}, "payload": {"hello": "world"}}',e,t?.sender),a=Ce({fields:{target:{handler:"echo"}},callbacks:{},payload:'{"hello": "world"}'},e,t?.sender);return i`<section class="panel teach">
    <h2>No task yet</h2>
    <p>Paste one of these into a shell, and the task appears here. Or <a href=${b(["submit"],{template:"echo"})}>fill in a form</a>.</p>
    <${it} label="A first task with the taskway command" text=${a} />
    <${it} label="A first task with curl" text=${n} />
    <${Ne} />
  </section>`}function br(t){let e=new Map;for(let{handlers:n,running:o,last_seen_at:a}of t)for(let r of n){let s=e.get(r)??{name:r,programs:0,running:0,seen:a};e.set(r,{...s,programs:s.programs+1,running:s.running+(o?1:0)})}return[...e.values()].sort((n,o)=>n.name<o.name?-1:1)}function gr({programs:t}){return t?i`<section class="panel" aria-labelledby="handlers">
    <h2 id="handlers">Handlers</h2>
    ${t.length===0?i`<${Ts} />`:i`<${Ss} handlers=${br(t)} />`}
  </section>`:null}function Ss({handlers:t}){return i`
    <div class="scroll">
      <table class="rows handlers">
        <thead><tr><th scope="col">Handler</th><th scope="col" class="num">Programs</th><th scope="col" class="num wide">Running</th><th scope="col" class="num">Last seen</th></tr></thead>
        <tbody>${t.map(({name:e,programs:n,running:o,seen:a})=>i`<tr key=${e}>
            <th scope="row">${e}</th>
            <td class="num">${k(n)}</td>
            <td class=${`num wide ${o===0?"faint":""}`}>${k(o)}</td>
            <td class="num when"><${D} at=${a} /></td>
          </tr>`)}</tbody>
      </table>
    </div>
    <p class="faint">Executors with the same handlers are one program. A program counts as running for two minutes after it was last seen. A function is seen when it has work.</p>
  `}function Ts(){return i`
    <p>No program has announced handlers within the last week. A worker announces its handlers when it starts, and every 30 s. A function does so when it gets tasks.</p>
    <p>Start a worker in a shell whose <code>TASKWAY_TABLE</code> and <code>TASKWAY_QUEUE_…</code> name this stack, and its handlers appear here.</p>
    <${it} label="A worker with the shipped handlers" text="taskway worker" />
    <p class="faint">A task that calls a URL or a Lambda function needs no handler.</p>
  `}var Ct=240,ft=36,As=6e4;function kr({name:t,points:e,tone:n=""}){let o=e.length>0?e[e.length-1][0]:0,a=Math.max(As,e.length>0?o-e[0][0]:0),r=Math.max(1,...e.map(([,p])=>p)),s=p=>Ct-(o-p)/a*Ct,l=p=>ft-2-p/r*(ft-4),u=e.map(([p,h],$)=>`${$===0?"M":"L"}${s(p).toFixed(1)},${l(h).toFixed(1)}`).join(""),d=e.length>0?s(e[0][0]).toFixed(1):Ct,c=e.length>0?e[e.length-1][1]:0,m=Math.round(a/6e4),f=`${t}: now ${k(c)}, highest ${k(Math.max(0,...e.map(([,p])=>p)))} in ${m} min`;return i`
    <svg class=${`spark ${n}`} viewBox="0 0 ${Ct} ${ft}" preserveAspectRatio="none" role="img" aria-label=${f}>
      <title>${f}</title>
      ${e.length>1&&i`<path class="under" d=${`${u}L${Ct},${ft}L${d},${ft}Z`} />`}
      ${e.length>1&&i`<path class="line" d=${u} vector-effect="non-scaling-stroke" />`}
    </svg>
  `}function An({name:t,values:e,each:n,tone:o=""}){let a=e.filter(c=>c!==null),r=a.reduce((c,m)=>G(m)>G(c)?m:c),s=Math.max(1,G(r)),l=Ct/e.length,u=k(e[e.length-1]),d=`${t}: ${u} in the latest ${n}, at most ${k(r)} in one of ${a.length}`;return i`
    <svg class=${`spark ${o}`} viewBox="0 0 ${Ct} ${ft}" preserveAspectRatio="none" role="img" aria-label=${d}>
      <title>${d}</title>
      ${e.map((c,m)=>{if(c===null)return null;let f=G(c)===0?1:Math.max(3,G(c)/s*ft);return i`<rect class=${G(c)===0?"none":"column"} x=${m*l+1} y=${ft-f} width=${l-2} height=${f} />`})}
    </svg>
  `}function Zt({name:t,value:e,of:n}){let o=Math.min(e??0,n),a=n>0?o/n:0,r=a>=1?"full":a>=.8?"high":"";return i`
    <span class="gauge">
      <meter class=${r} min="0" max=${n} value=${o} aria-label=${t}></meter>
      <span class="number">${k(e)} / ${k(n)}</span>
    </span>
  `}function Pe({queues:t,more:e}){let n=w(Rt);return i`
    <div class="scroll">
      <table class="rows queues">
        <thead><tr>
          <th scope="col">Queue</th><th scope="col"><span class="word">State</span></th><th scope="col">Running</th>
          <th scope="col" class="num">Held</th><th scope="col" class="num">Failed</th>
        </tr></thead>
        <tbody>
          ${t.map(o=>i`<${Os} key=${o.name} queue=${{...n.get(o.name),...o}} />`)}
        </tbody>
      </table>
    </div>
    ${e&&i`<p class="faint">These are the first ${t.length} queues. Others are found by name: <code>${"#/queues/NAME"}</code>.</p>`}
  `}function Os({queue:t}){let{name:e,paused:n,concurrency:o,rate:a,held:r,failed:s,running:l}=t;return i`<tr data-row>
    <th scope="row"><a class="row" href=${b(["queues",e])}>${e}</a></th>
    <td>${n?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span><span class="word">paused</span></span>`:ir(t)?i`<span class="faint word">limited</span>`:i`<span class="faint word">open</span>`}</td>
    <td>${o?i`<${Zt} name=${`running in ${e}`} value=${l} of=${o} />`:i`<span class="faint">${a?Jt(a):"no limit"}</span>`}</td>
    <td class="num">${vr(r,["tasks"],{queue:e,state:"scheduled"})}</td>
    <td class="num">${vr(s,["dead"],{queue:e},"bad")}</td>
  </tr>`}function vr(t,e,n,o=""){return t==null||t===0?i`<span class="faint">${k(t)}</span>`:i`<a class=${o} href=${b(e,n)}>${k(t)}</a>`}var Cs=10*6e4,qe=["high","normal","low"],On=E([]);async function wr(t){let{json:e}=await O(v("stats"),t),n=a=>qe.reduce((r,s)=>r+e.lanes[s][a],0),o={at:Date.now(),waiting:n("waiting"),in_flight:n("in_flight"),delayed:n("delayed")};return On.set(a=>[...a.filter(({at:r})=>r>o.at-Cs),o]),e}var xr=15,Es=100,Ns=8;function Tr(){let t=A("stats",wr,2e3),e=A("queues",It,1e4),n=A("overview-dead",l=>zt({limit:Es},l),15e3),o=(e.data?.queues??[]).map(({name:l})=>l),a=e.data&&!e.data.next_cursor&&o.length>0,r=A(a?"arrivals":null,ur,3e4);A(o.length>0?`details ${o.join(" ")}`:null,l=>ke(o,l),2e3);let s=t.data&&i`<${gr} programs=${t.data.programs} />`;return e.data&&o.length===0?i`<h1>Overview</h1><${Mt} /><div class="teach">${s}</div>`:i`
    <h1>Overview</h1>
    <${T} problem=${t.problem} retry=${t.refresh} />
    ${t.data?i`<${Ps} stats=${t.data} dead=${n.data} arrivals=${a&&r.data} />`:!t.problem&&i`<${q} />`}
    <div class="columns">
      <div>
        <section class="panel">
          <h2>Queues</h2>
          ${e.data?i`<${Pe} queues=${e.data.queues} more=${e.data.next_cursor} />`:i`<${q} problem=${e.problem} retry=${e.refresh} />`}
        </section>
        <section class="panel">
          <h2>Lanes</h2>
          ${t.data?i`<${Ls} stats=${t.data} />`:i`<${q} problem=${t.problem} retry=${t.refresh} />`}
        </section>
      </div>
      <div>
        <section class="panel">
          <h2>Failures</h2>
          ${n.data?i`<${Rs} list=${n.data} />`:i`<${q} problem=${n.problem} retry=${n.refresh} />`}
        </section>
        <${Is} />
        ${s}
      </div>
    </div>
  `}function Ps({stats:t,dead:e,arrivals:n}){let o=w(On),a=w(Sn),r=c=>o.map(m=>[m.at,m[c]]),s=c=>qe.reduce((m,f)=>m+t.lanes[f][c],0),l=t.promotion_lag_seconds,u=G(t.unreadable),d=e&&sr(e,xr,Date.now());return i`
    <div class="tiles">
      ${n&&i`<${De} name="New tasks" value=${n.came} line="New tasks a minute" points=${a} note=${Ds(n)} />`}
      <${De} name="Waiting" value=${s("waiting")} note="for an executor" points=${r("waiting")} />
      <${De} name="Running" value=${s("in_flight")} note="in flight" points=${r("in_flight")} tone="run" />
      <${De} name="Delayed" value=${s("delayed")} note="due within 15 min" points=${r("delayed")} tone="wait" />
      <div class=${`tile ${G(t.due_backlog)>0?"warn":""}`}>
        <h2>Late</h2>
        <p class="big">${k(t.due_backlog)}</p>
        <p class="faint">${l>0?`the oldest by ${z(l*1e3)}`:"nothing is past its time"}</p>
      </div>
      ${t.ended&&i`<${qs} hour=${pr(t.ended,Date.now())} />`}
      <div class="tile">
        <h2>Failures</h2>
        <p class="big">${d?k(d[xr-1]):"\u2013"}</p>
        ${d?i`<${An} name="Failures" values=${d} each="minute" tone="fail" />`:""}
        <p class="faint">in the latest minute</p>
      </div>
      ${u>0&&i`<div class="tile warn"><h2>Unreadable</h2><p class="big">${k(t.unreadable)}</p>
        <p class="faint">messages wait for a person</p></div>`}
    </div>
  `}function qs({hour:{minutes:t,ended:e,failed:n}}){let o=e===0?"":`, ${Mo(n/e)}`;return i`<div class="tile">
    <h2>Ended</h2>
    <p class="big">${k(e)}</p>
    <${An} name="Ended tasks" values=${t} each="minute" />
    <p class="faint">in the last hour; ${k(n)} failed${o}</p>
  </div>`}function De({name:t,value:e,line:n=t,note:o,points:a,tone:r}){return i`<div class="tile">
    <h2>${t}</h2>
    <p class="big">${k(e)}</p>
    <${kr} name=${n} points=${a} tone=${r} />
    <p class="faint">${o}</p>
  </div>`}function Ds({within:t,tasks:e,succeeded:n,failed:o}){return`in ${t<6e4?z(t):"a minute"}; of the newest ${e}, ${n} succeeded, ${o} failed`}function Ls({stats:t}){return i`<table>
    <thead><tr><th scope="col">Lane</th><th scope="col" class="num">Waiting</th><th scope="col" class="num">Running</th><th scope="col" class="num">Delayed</th></tr></thead>
    <tbody>
      ${qe.map(e=>i`<tr key=${e}><th scope="row">${e}</th>${Sr(t.lanes[e])}</tr>`)}
      <tr><th scope="row">dead letters</th>${Sr(t.dead_letters)}</tr>
    </tbody>
  </table>`}function Sr({waiting:t,in_flight:e,delayed:n}){return[t,e,n].map(o=>i`<td class=${`num ${o===0?"faint":""}`}>${k(o)}</td>`)}function Rs({list:t}){let e=gt(()=>ge(t.tasks),[t]);return e.length===0?i`<p class="faint">No task has failed.</p>`:i`
    <ul class="plain failures">
      ${e.slice(0,5).map(n=>i`<li key=${n.key}>
          <a href=${b(["dead"],{group:n.key})}><span class="num">${k(n.tasks.length)}</span><span class="message">${n.key}</span></a>
          <span class="faint"><${D} at=${n.latest.finished_at} /></span>
        </li>`)}
    </ul>
    <p class="faint">Of the ${t.next_cursor?"latest ":""}${W(t.tasks.length,"failed task")}. <a href=${b(["dead"])}>All dead letters</a></p>
  `}function Is(){let e=[...w(Rt).values()].flatMap(n=>(n.keys??[]).map(o=>({...o,queue:n.name})));return e.sort((n,o)=>G(o.held)-G(n.held)),e.length===0?null:i`<section class="panel">
    <h2>Busiest keys</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Queue</th><th scope="col" class="num">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>
        ${e.slice(0,Ns).map(n=>i`<tr key=${`${n.queue} ${n.key}`}>
            <th scope="row">${n.key}</th>
            <td><a href=${b(["queues",n.queue])}>${n.queue}</a></td>
            <td class="num">${k(n.running)}</td>
            <td class="num">${k(n.held)}</td>
          </tr>`)}
      </tbody>
    </table>
  </section>`}var Ar=t=>({tasks:t?.tasks??"",per_seconds:t?.per_seconds??"",burst:t?.burst??""});function Or({tasks:t,per_seconds:e,burst:n}){return[t,e,n].every(o=>String(o).trim()==="")?null:{tasks:V(t),per_seconds:V(e)??1,burst:V(n)??void 0}}function Er({queue:t,done:e}){let[n,o]=g(t.concurrency??""),[a,r]=g(t.per_key.concurrency??""),[s,l]=g(Ar(t.rate)),[u,d]=g(Ar(t.per_key.rate)),[c,m]=g(null),[f,p]=g(!1);return i`<form class="panel" onSubmit=${async $=>{$.preventDefault(),p(!0);try{let x={concurrency:V(a),rate:Or(u)};await U("PATCH",v("queues",t.name),{concurrency:V(n),rate:Or(s),per_key:x}),M("The limits are changed. They take effect within 5 s."),e()}catch(x){m(x),p(!1)}}} aria-label="Limits">
    <h2>Limits of ${t.name}</h2>
    <p class="faint">An empty field means no limit. Limits count the attempts of all executors together.</p>
    <div class="form-grid">
      <fieldset><legend>The queue</legend>
        <${S} label="Run at once" fault=${Q(c,"/concurrency")}><input inputmode="numeric" name="concurrency" value=${n} onInput=${$=>o($.target.value)} /><//>
        <${Cr} rate=${s} set=${l} problem=${c} at="/rate" />
      </fieldset>
      <fieldset><legend>Each fairness key</legend>
        <${S} label="Run at once" fault=${Q(c,"/per_key/concurrency")}><input inputmode="numeric" name="key-concurrency" value=${a} onInput=${$=>r($.target.value)} /><//>
        <${Cr} rate=${u} set=${d} problem=${c} at="/per_key/rate" />
      </fieldset>
    </div>
    <${T} problem=${c} />
    <div class="buttons"><button type="submit" class="primary" disabled=${f}>Save</button><button type="button" onClick=${e}>Leave it</button></div>
  </form>`}function Cr({rate:t,set:e,problem:n,at:o}){let a=(r,s)=>i`<${S} label=${s} fault=${Q(n,`${o}/${r}`)}>
    <input inputmode="numeric" value=${t[r]} onInput=${l=>e({...t,[r]:l.target.value})} />
  <//>`;return i`<div class="rate">${a("tasks","Starts")}${a("per_seconds","in seconds")}${a("burst","Burst")}</div>`}var Ms=15;function Nr(){let{data:t,problem:e,refresh:n}=A("queues",It,1e4),o=(t?.queues??[]).map(({name:a})=>a);return A(o.length>0?`details ${o.join(" ")}`:null,a=>ke(o,a),1e3),t?o.length===0?i`<h1>Queues</h1><${Mt} />`:i`
    <h1>Queues</h1>
    <${T} problem=${e} retry=${n} />
    <section class="panel"><${Pe} queues=${t.queues} more=${t.next_cursor} /></section>
    <p class="faint">A queue is there with its first task. Open one to pause it or to give it limits.</p>
  `:i`<h1>Queues</h1><${q} problem=${e} retry=${n} />`}function Pr({name:t}){let{data:e,problem:n,refresh:o}=A(`queue ${t}`,l=>kn(t,l),2e3),a=K(),[r,s]=g(!1);return e?i`
    <header class="head">
      <h1>${t}</h1>
      ${e.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p><a href=${b(["tasks"],{queue:t})}>Tasks</a> · <a href=${b(["dead"],{queue:t})}>Failed tasks</a></p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!a&&i`<${Fs} queue=${e} refresh=${o} edit=${()=>s(!r)} editing=${r} />`}
    ${r&&i`<${Er} queue=${e} done=${()=>{s(!1),o()}} />`}
    <div class="columns">
      <section class="panel">
        <h2>Limits and counts</h2>
        <dl class="fields">
          <dt>running</dt><dd>${e.concurrency?i`<${Zt} name="running" value=${e.running??0} of=${e.concurrency} />`:i`<span class="faint">no limit, so it is not counted</span>`}</dd>
          <dt>rate</dt><dd>${Jt(e.rate)}</dd>
          <dt>of each key, running</dt><dd>${e.per_key.concurrency??"no limit"}</dd>
          <dt>of each key, rate</dt><dd>${Jt(e.per_key.rate)}</dd>
          <dt>held back</dt><dd>${k(e.held)}</dd>
          <dt>failed</dt><dd>${e.failed?i`<a class="bad" href=${b(["dead"],{queue:t})}>${k(e.failed)}</a>`:k(e.failed)}</dd>
        </dl>
      </section>
      ${e.keys?.length>0&&i`<${Us} keys=${e.keys} most=${e.per_key.concurrency} />`}
    </div>
    <${js} name=${t} />
  `:i`<h1>${t}</h1><${q} problem=${n} retry=${o} />`}function js({name:t}){let e=F(v("tasks"),{queue:t,limit:Ms}),{data:n,problem:o,refresh:a}=A(e,async r=>(await O(e,r)).json,5e3);return n?n.tasks.length===0?i`<p class="empty">This queue has no task.</p>`:i`<h2>Latest tasks</h2><${mt} tasks=${n.tasks} selected=${null} />`:i`<${q} problem=${o} retry=${a} />`}function Fs({queue:t,refresh:e,edit:n,editing:o}){let{name:a,paused:r}=t;return i`<div class="actions">
    <button type="button" data-key="p" title="key p" onClick=${async()=>{let l=r?"resume":"pause";!r&&!await ot({title:`Pause ${a}?`,text:"From 5 s on, no task of this queue starts. What runs ends as usual, new tasks are accepted, and nothing is lost.",verb:"Pause the queue",danger:!1})||(await At(()=>U("POST",v("queues",a,l)),r?`${a} goes on.`:`${a} is paused.`),e())}}>${r?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Change limits</button>
    <button type="button" class="danger" onClick=${()=>rr(a).then(e)}>Purge…</button>
  </div>`}function Us({keys:t,most:e}){return i`<section class="panel">
    <h2>Keys that hold back most</h2>
    <table>
      <thead><tr><th scope="col">Key</th><th scope="col">Running</th><th scope="col" class="num">Held</th></tr></thead>
      <tbody>${t.map(({key:n,running:o,held:a})=>i`<tr key=${n}>
          <th scope="row">${n}</th>
          <td>${e?i`<${Zt} name=${`running of ${n}`} value=${o??0} of=${e} />`:k(o)}</td>
          <td class="num">${k(a)}</td>
        </tr>`)}</tbody>
    </table>
  </section>`}var Ws=2e4;function Le({text:t,label:e}){let n=t.length>Ws?et(t):xe(t).map(([o,a])=>o==="space"||o==="mark"?a:i`<span class=${o}>${a}</span>`);return i`<pre class="json" tabindex="0" role="region" aria-label=${e}>${n}</pre>`}var Hs=50,Bs=["cron","every_seconds","time_zone","overlap","misfire","start_at","end_at","jitter_seconds","paused"];async function qr(t,e){let{json:n}=await O(F(v("schedules"),{limit:Hs,cursor:t}),e);return n}async function Cn(t,e){let{json:n,text:o}=await O(v("schedules",t),e);return{schedule:n,task:st(o,"task")}}function En(t){return Object.fromEntries(Bs.filter(e=>t[e]!=null).map(e=>[e,t[e]]))}function Nn(t,e,n){return U("PUT",v("schedules",t),Ot(e,{task:n}))}async function Dr(t,e){let{schedule:n,task:o}=await Cn(t);return Nn(t,{...En(n),paused:e},o)}var Ks='{"target": {"handler": "echo"}, "payload": {"report": "daily"}}';function Pn({schedule:t,task:e=Ks,done:n}){let o=t?En(t):{},a=Intl.DateTimeFormat().resolvedOptions().timeZone,[r,s]=g({name:t?.name??"",kind:o.every_seconds?"every":"cron",cron:o.cron??"0 3 * * *",every:o.every_seconds??3600,zone:o.time_zone??a,overlap:o.overlap??"allow",misfire:o.misfire??"once",jitter:o.jitter_seconds||"",start:o.start_at??"",end:o.end_at??"",task:et(e)}),[l,u]=g(null),[d,c]=g(!1),m=Yt(r.task),f=h=>({name:h,value:r[h],onInput:$=>s({...r,[h]:$.target.value})});return i`<form class="panel" onSubmit=${async h=>{h.preventDefault(),c(!0);try{await Nn(r.name.trim(),Qs(r,o.paused),r.task),M(t?"The schedule is changed.":"The schedule is there."),n(r.name.trim())}catch($){u($),c(!1)}}} aria-label="Schedule">
    <div class="form-grid">
      <div>
        ${!t&&i`<${S} label="Name" hint="letters, digits, _ . -"><input required pattern="[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}" ...${f("name")} /><//>`}
        <${S} label="Repeats"><select ...${f("kind")}><option value="cron">by the calendar</option><option value="every">at intervals</option></select><//>
        ${r.kind==="cron"?i`<${S} label="Cron" hint="minute hour day month weekday; six fields have seconds first" fault=${Q(l,"/cron")}><input required ...${f("cron")} /><//>
              <${S} label="Time zone" hint="a name such as Europe/Berlin" fault=${Q(l,"/time_zone")}><input required ...${f("zone")} /><//>`:i`<${S} label="Every … seconds" fault=${Q(l,"/every_seconds")}><input required inputmode="numeric" ...${f("every")} /><//>`}
        <${S} label="While the latest firing has not ended"><select ...${f("overlap")}><option value="allow">fire all the same</option><option value="skip">skip the time</option></select><//>
        <${S} label="Times that were missed"><select ...${f("misfire")}><option value="once">the latest fires for all</option><option value="skip">none fires</option><option value="all">all fire</option></select><//>
        <details><summary>More</summary>
          <${S} label="Jitter in seconds" fault=${Q(l,"/jitter_seconds")}><input inputmode="numeric" ...${f("jitter")} /><//>
          <${S} label="Not before" hint="2026-12-01T00:00:00Z" fault=${Q(l,"/start_at")}><input ...${f("start")} /><//>
          <${S} label="Not after" fault=${Q(l,"/end_at")}><input ...${f("end")} /><//>
        </details>
      </div>
      <${S} label="Task of each firing" hint="as for a submit, in JSON" fault=${m??Q(l,"/task")}><textarea rows="14" spellcheck=${!1} ...${f("task")}></textarea><//>
    </div>
    <${T} problem=${l} />
    <p class="faint">The next runs are shown once it is saved. What has started goes on as it was.</p>
    <div class="buttons"><button type="submit" class="primary" disabled=${d||!!m}>Save</button><button type="button" onClick=${()=>n(null)}>Leave it</button></div>
  </form>`}function Qs({kind:t,cron:e,every:n,zone:o,overlap:a,misfire:r,jitter:s,start:l,end:u},d=!1){let c=t==="cron"?{cron:e.trim(),time_zone:o.trim()}:{every_seconds:V(n)},m={start_at:l.trim(),end_at:u.trim(),jitter_seconds:V(s)},f=Object.fromEntries(Object.entries(m).filter(([,p])=>p!==""&&p!==null));return{...c,overlap:a,misfire:r,...f,paused:d}}var Js=5;function Lr(){return i`<h1>New schedule</h1><${Pn} done=${t=>X(b(t?["schedules",t]:["schedules"]))} />`}function Rr({name:t}){let{data:e,problem:n,refresh:o}=A(`schedule ${t}`,d=>Cn(t,d),5e3),a=K(),[r,s]=g(!1);if(!e)return i`<h1>${t}</h1><${q} problem=${n} retry=${o} />`;let{schedule:l,task:u}=e;return i`
    <header class="head">
      <h1>${t}</h1>
      ${l.paused&&i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`}
      <p>${l.description}</p>
    </header>
    <${T} problem=${n} retry=${o} />
    ${!a&&i`<${zs} schedule=${l} refresh=${o} edit=${()=>s(!r)} editing=${r} />`}
    ${r&&i`<${Pn} schedule=${l} task=${u} done=${()=>{s(!1),o()}} />`}
    ${l.notes.length>0&&i`<ul class="notes">${l.notes.map(d=>i`<li key=${d}>${d}</li>`)}</ul>`}
    <div class="columns">
      <div><${Gs} schedule=${l} /><section class="panel"><h2>Task of each firing</h2><${Le} text=${u} label="Task of each firing" /></section></div>
      <${Ys} schedule=${l} />
    </div>
  `}function zs({schedule:t,refresh:e,edit:n,editing:o}){let{name:a,paused:r}=t;return i`<div class="actions">
    <button type="button" data-key="n" title="key n" onClick=${async()=>{await At(()=>U("POST",v("schedules",a,"run")),"Its task is submitted."),e()}}>Run now</button>
    <button type="button" data-key="p" title="key p" onClick=${async()=>{!r&&!await ot({title:`Pause ${a}?`,text:"Nothing fires until it goes on, and firings that have not started are cancelled.",verb:"Pause the schedule",danger:!1})||(await At(()=>Dr(a,!r),r?`${a} goes on.`:`${a} is paused.`),e())}}>${r?"Resume":"Pause\u2026"}</button>
    <button type="button" data-key="e" title="key e" aria-expanded=${o} onClick=${n}>Edit</button>
    <button type="button" class="danger" onClick=${async()=>{await ot({title:`Delete ${a}?`,text:"It fires no more, and firings that have not started are cancelled. Its tasks stay.",verb:"Delete the schedule",typed:a})&&await At(()=>U("DELETE",v("schedules",a)),`${a} is deleted.`)&&X(b(["schedules"]))}}>Delete…</button>
  </div>`}function Gs({schedule:t}){let{next_runs:e,next_runs_local:n,time_zone:o}=t,a=Intl.DateTimeFormat().resolvedOptions().timeZone;return e.length===0?i`<section class="panel"><h2>Next runs</h2><p class="faint">${t.paused?"A paused schedule has none.":"There are none."}</p></section>`:i`<section class="panel">
    <h2>Next runs</h2>
    <div class="scroll"><table class="clocks">
      <thead><tr><th scope="col">In</th><th scope="col">${o}</th><th scope="col">Here: ${a}</th></tr></thead>
      <tbody>${e.slice(0,Js).map((r,s)=>i`<tr key=${r}><td class="when"><${D} at=${r} /></td><td class="number">${Vs(n[s])}</td><td class="number">${Uo(r)}</td></tr>`)}</tbody>
    </table></div>
  </section>`}function Vs(t){let[e,n]=t.replace(".000","").split("T");return i`${e} <span class="when">${n.replace(/([+-]\d\d:\d\d)$/," $1")}</span>`}function Ys({schedule:t}){let e=[["cron",t.cron&&i`<code>${t.cron}</code>`],["every",t.every_seconds&&z(t.every_seconds*1e3)],["time zone",t.time_zone],["overlap",t.overlap==="skip"?"skip: no firing while the latest has not ended":"allow"],["missed times",{once:"once: the latest fires for all",skip:"skip: none fires",all:"all fire"}[t.misfire]],["jitter",t.jitter_seconds>0?`up to ${t.jitter_seconds} s`:null],["not before",t.start_at&&i`<${D} at=${t.start_at} />`],["not after",t.end_at&&i`<${D} at=${t.end_at} />`],["created",i`<${D} at=${t.created_at} />`],["last run",t.last_run&&i`<a href=${b(["tasks",t.last_run.task_id])}><${D} at=${t.last_run.at} /></a>`]];return i`<section class="panel"><h2>Fields</h2>
    <dl class="fields">${e.map(([n,o])=>o!=null&&i`<dt>${n}</dt><dd>${o}</dd>`)}</dl>
  </section>`}function Ir({query:t}){let e=t.get("cursor")??"",{data:n,problem:o,refresh:a}=A(`schedules ${e}`,s=>qr(e,s),1e4),r=K();return n?i`
    <h1>Schedules</h1>
    <${T} problem=${o} retry=${a} />
    ${!r&&i`<div class="actions"><a class="button" href=${b(["schedules","new"])}>New schedule</a></div>`}
    ${n.schedules.length===0?i`<${Xs} />`:i`<${Zs} schedules=${n.schedules} />`}
    <nav class="pages" aria-label="Pages">
      ${e&&i`<a href=${b(["schedules"])}>« First</a>`}
      ${n.next_cursor&&i`<a rel="next" data-next href=${b(["schedules"],{cursor:n.next_cursor})}>More »</a>`}
    </nav>
  `:i`<h1>Schedules</h1><${q} problem=${o} retry=${a} />`}function Zs({schedules:t}){return i`<div class="scroll"><table class="rows">
    <thead><tr><th scope="col">Schedule</th><th scope="col">When</th><th scope="col" class="wide">Task</th><th scope="col">Next</th><th scope="col" class="wide">Last</th></tr></thead>
    <tbody>${t.map(e=>i`<tr key=${e.name} data-row>
        <th scope="row"><a class="row" href=${b(["schedules",e.name])}>${e.name}</a></th>
        <td class="said">${e.description}</td>
        <td class="wide">${nt(e.task.target)}</td>
        <td>${e.paused?i`<span class="state paused"><span class="shape" aria-hidden="true">‖</span>paused</span>`:e.next_runs[0]?i`<${D} at=${e.next_runs[0]} />`:i`<span class="faint">never again</span>`}</td>
        <td class="wide">${e.last_run?i`<a href=${b(["tasks",e.last_run.task_id])}><${D} at=${e.last_run.at} /></a>`:i`<span class="faint">not yet</span>`}</td>
      </tr>`)}</tbody>
  </table></div>`}function Xs(){let t=pt();return i`<section class="panel teach">
    <h2>No schedule yet</h2>
    <p>A schedule submits a task again and again, by the calendar of a time zone or at intervals. Paste this into a shell, or press <em>New schedule</em>.</p>
    <${it} label="A first schedule" text=${`taskway --url ${t} schedule put nightly --cron '0 3 * * *' --zone Europe/Berlin echo '{"report": "daily"}'`} />
  </section>`}var ti={http:{url:"https://",method:"POST",headers:{}},lambda:{function:"",invocation:"request"}},Mr=["delay_seconds","timeout_seconds","expected_duration_ms","retain_seconds"],jr=["queue","run_at","deadline","fairness_key","idempotency_key"];function qn({fields:t,callbacks:e={},payload:n}){let[o,a]=g(()=>({...Object.fromEntries([...Mr,...jr].map(_=>[_,t[_]??""])),priority:t.priority??"normal",max_attempts:t.retry?.max_attempts??"",kind:Object.keys(t.target)[0],handler:t.target.handler??"",target:et(JSON.stringify(t.target.http??t.target.lambda??{})),labels:Object.entries(t.labels??{}).map(([_,y])=>tt(_,y)).join(`
`),...Object.fromEntries(Ae.map(_=>[_,et(e[_]??"")])),payload:et(n)})),[r,s]=g(null),[l,u]=g(!1),d=_=>({name:_,value:o[_],onInput:y=>a({...o,[_]:y.target.value})}),c={...d("kind"),onInput:({target:{value:_}})=>a({...o,kind:_,target:et(JSON.stringify(ti[_]??{}))})},m=_=>Q(r,_),f=_=>o[_].trim()===""?null:Yt(o[_]),p=f("payload"),h=(_,y)=>i`<${S} label=${y} hint="JSON" fault=${f(_)??m(`/${_}`)}>
    <textarea rows="4" spellcheck=${!1} placeholder='{"target": {"handler": "echo"}}' ...${d(_)}></textarea>
  <//>`,$=o.kind==="handler"?null:Yt(o.target);return i`<form class="panel" onSubmit=${async _=>{_.preventDefault(),u(!0);try{let{json:y}=await U("POST",v("tasks"),ei(o,t.retry));M("Accepted."),X(b(["tasks",y.id]))}catch(y){s(y),u(!1)}}} aria-label="Task">
    <div class="form-grid">
      <div>
        <${S} label="Runs"><select ...${c}><option value="handler">a handler</option><option value="http">a URL</option><option value="lambda">a Lambda function</option></select><//>
        ${o.kind==="handler"?i`<${S} label="Handler" fault=${m("/target")}><input required ...${d("handler")} /><//>`:i`<${S} label=${o.kind==="http"?"URL, method and headers":"Function and invocation"} hint="JSON" fault=${$??m("/target")}><textarea rows="6" spellcheck=${!1} ...${d("target")}></textarea><//>`}
        <div class="pair">
          <${S} label="Queue" fault=${m("/queue")}><input placeholder="default" ...${d("queue")} /><//>
          <${S} label="Lane"><select ...${d("priority")}><option>high</option><option>normal</option><option>low</option></select><//>
        </div>
        <div class="pair">
          <${S} label="Delay in seconds" fault=${m("/delay_seconds")}><input inputmode="numeric" placeholder="none" ...${d("delay_seconds")} /><//>
          <${S} label="Attempts" fault=${m("/retry")}><input inputmode="numeric" placeholder="5" ...${d("max_attempts")} /><//>
        </div>
        <${S} label="Labels" hint="name=value, one a line; \\= in a name" fault=${m("/labels")}><textarea rows="2" spellcheck=${!1} ...${d("labels")}></textarea><//>
        <details><summary>More</summary>
          <div class="pair">
            <${S} label="Fairness key" fault=${m("/fairness_key")}><input ...${d("fairness_key")} /><//>
            <${S} label="Idempotency key" fault=${m("/idempotency_key")}><input ...${d("idempotency_key")} /><//>
            <${S} label="Start at" hint="2026-12-01T08:00:00Z" fault=${m("/run_at")}><input ...${d("run_at")} /><//>
            <${S} label="Deadline" fault=${m("/deadline")}><input ...${d("deadline")} /><//>
            <${S} label="Timeout in seconds" fault=${m("/timeout_seconds")}><input inputmode="numeric" placeholder="60" ...${d("timeout_seconds")} /><//>
            <${S} label="Keep the record, in seconds" fault=${m("/retain_seconds")}><input inputmode="numeric" placeholder="604800" ...${d("retain_seconds")} /><//>
            <${S} label="Expected duration in ms" fault=${m("/expected_duration_ms")}><input inputmode="numeric" ...${d("expected_duration_ms")} /><//>
          </div>
        </details>
        <details open=${Object.keys(e).length>0}><summary>Callbacks</summary>
          ${h("on_success","After a success")}
          ${h("on_failure","After a failure")}
        </details>
      </div>
      <${S} label="Payload" hint="any JSON; its digits stay as they are" fault=${p??m("/payload")}><textarea rows="18" spellcheck=${!1} ...${d("payload")}></textarea><//>
    </div>
    <${T} problem=${r} />
    <div class="buttons"><button type="submit" class="primary" disabled=${l||!!(p??$??f("on_success")??f("on_failure"))}>Submit the task</button></div>
  </form>`}function ei(t,e){let n={target:t.kind==="handler"?{handler:t.handler.trim()}:{[t.kind]:JSON.parse(t.target)}};for(let d of jr)t[d].trim()!==""&&(n[d]=t[d].trim());for(let d of Mr)V(t[d])!==null&&(n[d]=V(t[d]));t.priority!=="normal"&&(n.priority=t.priority);let o=V(t.max_attempts),{max_attempts:a,...r}=e??{},s=o===null?r:{...r,max_attempts:o};Object.keys(s).length>0&&(n.retry=s);let l=t.labels.split(`
`).filter(d=>d.trim()!=="");l.length>0&&(n.labels=Object.fromEntries(l.map(d=>_e(d)??[d.trim(),""])));let u=Ae.filter(d=>t[d].trim()!=="").map(d=>[d,t[d]]);return Ot(n,{...Object.fromEntries(u),payload:t.payload.trim()===""?"null":t.payload})}var Re={echo:{name:"Echo",fields:{target:{handler:"echo"}},payload:'{"hello": "world"}'},retries:{name:"Fails twice, then succeeds",fields:{target:{handler:"fail"}},payload:'{"times": 2}'},fails:{name:"Fails for good",fields:{target:{handler:"fail"},labels:{tenant:"acme"}},payload:'{"fatal": true}'},sleeps:{name:"Takes 10 seconds",fields:{target:{handler:"sleep"}},payload:'{"seconds": 10}'},later:{name:"In five minutes",fields:{target:{handler:"echo"},delay_seconds:300},payload:'{"remind": "me"}'},http:{name:"Calls a URL",fields:{target:{http:{url:"https://example.com/hook",method:"POST",headers:{}}}},payload:'{"n": 1}'},lambda:{name:"Calls a Lambda function",fields:{target:{lambda:{function:"report",invocation:"request"}}},payload:'{"month": 11}'}};function Fr({query:t}){let e=t.get("from"),n=t.get("template")??"echo",o=Re[n]??Re.echo,a=K(),{data:r,problem:s,refresh:l}=A(e?`submit from ${e}`:null,async u=>{let{json:d,text:c}=await O(v("tasks",e),u);return Oe(d,c)},Number.MAX_SAFE_INTEGER);return a?i`<h1>Submit</h1><p class="empty">This dashboard only looks. Start it without <code>--read-only</code> to submit tasks.</p>`:e?i`<h1>Submit again</h1>
      <p>A new task like <a href=${b(["tasks",e])}><code>${e}</code></a>. That one stays as it is.</p>
      ${r?i`<${qn} key=${e} ...${r} />`:i`<${q} problem=${s} retry=${l} />`}`:i`<h1>Submit</h1>
    <nav class="tabs" aria-label="Templates">
      ${Object.entries(Re).map(([u,{name:d}])=>i`<a class="tab" key=${u} aria-current=${o===Re[u]?"true":null} href=${b(["submit"],{template:u})}>${d}</a>`)}
    </nav>
    <${qn} key=${n} ...${o} />`}var ni=100;function Ur(t){let n=t?.on_success||t?.on_failure?F(v("tasks"),{parent_id:t.id,limit:ni}):null;return A(n,async o=>(await O(n,o)).json,5e3)}function Wr({list:{data:t,problem:e,refresh:n}}){return!t&&!e?null:i`<section class="panel" aria-label="Callbacks">
    <h2>Callbacks</h2>
    <${T} problem=${e} retry=${n} />
    ${t&&(t.tasks.length===0?i`<p class="faint">None has been made so far.</p>`:i`<${mt} tasks=${t.tasks} selected=${null} />`)}
  </section>`}var oi=1e3,ri=5e3;function Hr(t,e,n){let o=[si(t),...ii(t),...li(t),...ci(t),...ui(t),...di(t,n),...mi(t),...e.map(fi),t.deadline&&{key:"deadline",at:t.deadline,what:"Deadline"},t.retained_until&&{key:"kept",at:t.retained_until,what:"Record kept until then"}].filter(Boolean),a=({at:r})=>r?Date.parse(r):n;return o.sort((r,s)=>a(r)-a(s))}function Br({attempt:t,generation:e,started_at:n,error:o,past_attempts:a=[]}){let r=new Set(a.map(u=>u.attempt)),s=Array.from({length:Math.max(t-1,0)},(u,d)=>r.has(d+1)).every(Boolean),l=o&&Date.parse(o.at)<Date.parse(n)&&!a.some(Dn(o));return!s||e>1||!!(n&&t===0)||!!l}var Dn=t=>e=>e.attempt===t?.attempt&&e.failed_at===t.at,ai=t=>t==="scheduled"||t==="queued",Ln=(t,e)=>z(Date.parse(e)-Date.parse(t)),Rn=({error:t,started_at:e})=>!!(t&&e&&Date.parse(t.at)>=Date.parse(e));function si({created_at:t,run_at:e}){return{key:"submitted",at:t,what:"Submitted",note:Kr(e,t)?null:"due at once"}}var Kr=(t,e)=>Date.parse(t)-Date.parse(e)>oi;function ii({past_attempts:t=[],retry:e,started_at:n,error:o,state:a}){return t.flatMap(r=>{let{attempt:s,started_at:l,failed_at:u,kind:d,message:c}=r,m=[];if(l!==n&&m.push({key:`started ${l}`,at:l,what:`Attempt ${s} of ${e.max_attempts} started`}),a==="failed"||!Dn(o)(r)){let f=`after ${Ln(l,u)}`,p=d==="lost"?null:[f,c].filter(Boolean).join(": ");m.push({key:`failed ${l}`,at:u,what:`Attempt ${s} failed: ${d}`,note:p,tone:"fail"})}return m})}function li(t){let{created_at:e,run_at:n,started_at:o,state:a,attempt:r,retry:s,timeout_seconds:l}=t,u=[];if(Kr(n,e)&&u.push({key:"due",at:n,what:"First attempt due"}),!o)return u;let c=["running","succeeded","failed"].includes(a)||Rn(t)?`Attempt ${r} of ${s.max_attempts} started`:"Latest attempt started",m=a==="running";return u.push({key:"started",at:o,what:c,runs:m,note:m?`of at most ${l} s`:null,tone:m?"run":null}),u}function ci(t){let{error:e,state:n}=t;if(!e||n==="failed")return[];let o=Rn(t)?t.started_at:t.past_attempts?.find(Dn(e))?.started_at,a=o?`after ${Ln(o,e.at)}: `:"";return[{key:"error",at:e.at,what:`Attempt ${e.attempt} failed: ${e.kind}`,note:a+e.message,tone:"fail"}]}function ui({progress:t}){return t?[{key:"progress",at:t.at,what:`Progress ${t.done} / ${t.total}`}]:[]}function di({state:t,held:e,attempt:n,run_at:o,next_attempt_at:a,started_at:r},s){if(!ai(t))return[];let l=a?[{key:"next",at:a,what:`Attempt ${n+1} due`}]:[];return e?[...l,{key:"waits",what:"Held back",why:"held"}]:!a&&r?[{key:"next",what:"Another attempt follows",note:"The API does not tell when."}]:(s-Date.parse(a??o)>ri&&l.push({key:"waits",what:"Waits, past its time",why:"behind"}),l)}var pi={succeeded:"Succeeded",failed:"Failed",cancelled:"Cancelled",expired:"Expired"};function mi(t){let{state:e,finished_at:n,started_at:o,error:a}=t;if(!n)return[];let s=o&&(e==="succeeded"||e==="failed"&&Rn(t)&&a.kind!=="lost")?`after ${Ln(o,n)}`:"";if(e!=="failed")return[{key:"ended",at:n,what:pi[e]??e,note:s,tone:e==="succeeded"?"good":null}];let l=a&&[s,a.message].filter(Boolean).join(": ");return[{key:"ended",at:n,what:a?`Failed: ${a.kind}`:"Failed",note:l,tone:"fail"}]}function fi(t){return{key:t.id,at:t.created_at,what:`Callback ${nt(t.target)}`,callback:t}}function Qr({task:t,callbacks:e}){let n=Date.now();return i`<section class="panel" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="plain timeline">
      ${Hr(t,e,n).map(o=>i`<${hi} key=${o.key} step=${o} queue=${t.queue} now=${n} />`)}
    </ol>
    ${Br(t)&&i`<p class="faint">The record keeps the failed attempts that it has room for, the latest first. Waits, and attempts that did not count or reported nothing, are not kept.</p>`}
  </section>`}function hi({step:{at:t,what:e,note:n,tone:o,runs:a,why:r,callback:s},queue:l,now:u}){let d=t&&Date.parse(t)>u;return i`<li class=${`${d?"later":""} ${o??""}`}>
    <div class="step"><span>${s?i`<a href=${b(["tasks",s.id])}>${e}</a> <${Lt} of=${s.state} />`:e}</span>${t&&i`<${D} at=${t} />`}</div>
    ${(n||a)&&i`<p class="note faint">${a&&i`runs for <${ve} at=${t} /> `}${n}</p>`}
    ${r==="held"&&i`<p class="note faint">A pause, a limit or a rate of <a href=${b(["queues",l])}>${l}</a> holds it back.</p>`}
    ${r==="behind"&&i`<p class="note faint">Its queue does not hold it back: its lane is behind, or no program has its handler.</p>`}
  </li>`}function Gr({id:t}){let e=A(`task ${t}`,async r=>{let{json:s,text:l}=await O(v("tasks",t),r);return{task:s,text:l}},2e3),n=Ur(e.data?.task);if(!e.data)return i`<h1>Task</h1><${q} problem=${e.problem} retry=${e.refresh} />`;let{task:o,text:a}=e.data;return i`
    <header class="head">
      <h1>${nt(o.target)}</h1>
      <${Lt} of=${o.state} />
      <p class="faint"><code>${o.id}</code> <${Ee} text=${o.id} label="Copy id" /></p>
    </header>
    <${T} problem=${e.problem} retry=${e.refresh} />
    <${$i} task=${o} refresh=${e.refresh} />
    ${o.error&&i`<${_i} error=${o.error} state=${o.state} />`}
    ${o.progress&&i`<${yi} progress=${o.progress} />`}
    <${Wr} list=${n} />
    <div class="columns">
      <div>
        <${Jr} name="Payload" text=${st(a,"payload")??"null"} />
        ${o.result!=null&&i`<${Jr} name="Result" text=${st(a,"result")} />`}
        <${gi} task=${o} text=${a} />
      </div>
      <div><${Qr} task=${o} callbacks=${n.data?.tasks??[]} /><${bi} task=${o} /></div>
    </div>
  `}function $i({task:t,refresh:e}){if(K())return null;let n=(o,a,r,s,l="")=>i`<button type="button" class=${l} data-key=${s} disabled=${!r(t.state)} title=${`key ${s}`} onClick=${()=>Xo(o,t.id).then(e)}>${a}</button>`;return i`<div class="actions">
    ${n("run","Run now",Dt,"n")}
    ${n("retry","Retry\u2026",ye,"r")}
    <a class="button" data-key="e" title="key e" href=${b(["submit"],{from:t.id})}>Edit and submit again</a>
    ${n("cancel","Cancel\u2026",Tt,"c","danger")}
  </div>`}function _i({error:t,state:e}){return i`<section class="panel failure">
    <h2>${e==="failed"?"It failed":"The latest attempt that failed"}: ${t.kind}</h2>
    <pre class="message" tabindex="0">${t.message}</pre>
    <p class="faint">attempt ${t.attempt}, <${D} at=${t.at} /></p>
  </section>`}function yi({progress:t}){let{done:e,total:n,at:o}=t;return i`<section class="panel">
    <h2>Progress</h2>
    <progress max=${n||1} value=${e} aria-label="Progress of the task"></progress>
    <p><span class="number">${e} / ${n}</span> <span class="faint">reported <${D} at=${o} /></span></p>
  </section>`}function Jr({name:t,text:e}){return i`<section class="panel">
    <h2>${t} <${Ee} text=${e} label=${`Copy ${t.toLowerCase()}`} /></h2>
    <${Le} text=${e} label=${t} />
  </section>`}function bi({task:t}){let{retry:e,labels:n,target:o}=t,a=`${e.min_backoff_seconds} s to ${e.max_backoff_seconds} s, \xD7${e.multiplier}`,r=Object.entries(o.http?.headers??{}),s=[["queue",i`<a href=${b(["queues",t.queue])}>${t.queue}</a>`],["lane",t.priority],["attempts",`${t.attempt} of ${e.max_attempts}`],["waits between attempts",a],["timeout of an attempt",`${t.timeout_seconds} s`],["fairness key",t.fairness_key],["idempotency key",t.idempotency_key],["expected duration",t.expected_duration_ms==null?null:z(t.expected_duration_ms)],["schedule",t.schedule&&i`<a href=${b(["schedules",t.schedule])}>${t.schedule}</a>`],["callback of",t.parent_id&&i`<a href=${b(["tasks",t.parent_id])}>${t.parent_id}</a>`],["after a success",t.on_success&&nt(t.on_success.target)],["after a failure",t.on_failure&&nt(t.on_failure.target)],["invocation",o.lambda?.invocation],["tenant",o.lambda?.tenant_id],["trace",t.traceparent&&i`<code>${t.traceparent}</code>`],["generation",t.generation]];return i`<section class="panel">
    <h2>Fields</h2>
    <dl class="fields">
      ${s.map(([l,u])=>u!=null&&i`<dt>${l}</dt><dd>${u}</dd>`)}
      ${r.map(([l,u])=>i`<dt>header ${l}</dt><dd><code>${u}</code></dd>`)}
      ${Object.entries(n).map(([l,u])=>i`<dt>label ${l}</dt><dd><a href=${b(["tasks"],{[`label.${l}`]:u})}>${u===""?"no value":u}</a></dd>`)}
    </dl>
  </section>`}var zr={JSON:$r,curl:_r,"Command line":Ce,Python:yr};function gi({task:t,text:e}){let[n,o]=g("JSON"),a=w(B),r=pt(),s=Oe(t,e),l=zr[n](s,r,a?.sender);return i`<section class="panel">
    <h2>The same again</h2>
    <div class="tabs" role="group" aria-label="Form">
      ${Object.keys(zr).map(u=>i`<button type="button" class="tab" key=${u} aria-pressed=${u===n} onClick=${()=>o(u)}>${u}</button>`)}
    </div>
    <${it} text=${l} label=${`The task as ${n}`} />
    ${n==="curl"&&i`<${Ne} />`}
    ${l.includes("*masked*")&&i`<p class="faint">Answers mask credentials. Put the credential in the place of <code>*masked*</code>.</p>`}
  </section>`}var In="taskway.views";function Ie(){try{return JSON.parse(localStorage.getItem(In)??"[]").filter(vi)}catch{return[]}}var Vr=t=>t.every(e=>typeof e=="string"),ki=t=>Array.isArray(t)&&t.length===2&&Vr(t);function vi(t){let{name:e,queue:n,state:o,labels:a}=t??{};return Vr([e,n,o])&&Array.isArray(a)&&a.every(ki)}var Me=E(Ie());window.addEventListener("storage",({key:t})=>(t===In||t===null)&&Me.set(Ie()));function Yr(t,{queue:e,state:n,labels:o}){return Xr([...Ie().filter(a=>a.name!==t),{name:t,queue:e,state:n,labels:o}])}function Zr(t){return Xr(Ie().filter(e=>e.name!==t))}function Xr(t){t.sort((e,n)=>e.name.localeCompare(n.name));try{localStorage.setItem(In,JSON.stringify(t))}catch{return!1}return Me.set(t),!0}function je({queue:t,state:e,labels:n}){return!t&&!e&&n.length===0}function Mn(t,e){let n=({queue:o,state:a,labels:r})=>JSON.stringify([o,a,r.map(s=>JSON.stringify(s)).sort()]);return n(t)===n(e)}var wi=60,ta="This browser does not let the page keep anything. Keep the address as a bookmark instead.";function ea({filters:t}){let e=w(Me),n=j(),[o,a]=g(!1),r=!je(t)&&!e.some(c=>Mn(c,t));if(e.length===0&&!r)return null;let s=()=>n.current.focus(),l=c=>{if(!Zr(c))return M(ta,"bad");M(`The view ${c} is deleted.`),s()},u=c=>{if(!Yr(c,t))return M(ta,"bad");M(`The view ${c} is kept in this browser.`),a(!1),s()},d=()=>{a(!1),s()};return i`<div class="views" ref=${n} tabindex="-1">
    ${e.length>0&&i`<nav class="tabs" aria-label="Saved views">
        ${e.map(c=>i`<span class="view" key=${c.name}>
            <a class="tab" aria-current=${Mn(c,t)?"true":null} href=${J("tasks",c)}>${c.name}</a>
            <button type="button" class="quiet" aria-label=${`Delete the view ${c.name}`} onClick=${()=>l(c.name)}>✕</button>
          </span>`)}
      </nav>`}
    ${r&&(o?i`<${xi} save=${u} leave=${d} />`:i`<button type="button" class="quiet" data-key="v" title="key v" onClick=${()=>a(!0)}>Save as a view…</button>`)}
  </div>`}function xi({save:t,leave:e}){let[n,o]=g(""),a=j();return Ht(()=>a.current.focus(),[]),i`<form class="inputs" aria-label="Save as a view" onSubmit=${s=>{s.preventDefault(),n.trim()!==""&&t(n.trim())}}>
    <label>Name <input ref=${a} required maxlength=${wi} autocomplete="off" value=${n} onInput=${s=>o(s.target.value)}
      onKeyDown=${s=>s.key==="Escape"&&e()} /></label>
    <button type="submit">Save</button>
    <button type="button" class="quiet" onClick=${e}>Leave it</button>
  </form>`}var Si=600;function na({query:t}){let e=$e(t),n=Go(e),{data:o,problem:a,refresh:r}=A(n,async $=>(await O(n,$)).json,4e3),s=K(),[l,u]=g(new Map),d=Ti(e,o),c=je(e);P(()=>u(new Map),[n]);let m=($,x)=>u(_=>{let y=new Map(_);for(let N of $)x?y.set(N.id,N):y.delete(N.id);return y}),f=new Map((o?.tasks??[]).map($=>[$.id,$])),p=[...l.values()].map($=>f.get($.id)??$);return i`
    <h1>Tasks</h1>
    <${Gt} screen="tasks" filters=${e} states />
    <${ea} filters=${e} />
    ${!s&&(o||d)&&i`<${Oi} chosen=${p} filters=${e} done=${$=>{$&&(u(new Map),r())}} clear=${()=>u(new Map)} />`}
    ${o&&i`<${T} problem=${a} retry=${r} />`}
    ${d??(o?i`<${Ai} data=${o} filters=${e} selected=${s?null:l} select=${m} unfiltered=${c} />`:i`<${q} problem=${a} retry=${r} />`)}
  `}function Ti(t,e){let n=J("tasks",{...t,cursor:""}),[o,a]=g({sought:n,pages:0,stopped:!1}),{pages:r,stopped:s}=o.sought===n?o:{pages:0,stopped:!1},l=e?.tasks.length===0?e.next_cursor:null;return P(()=>{if(!l||s)return;let u=setInterval(()=>{document.hidden||(a({sought:n,pages:r+1,stopped:!1}),fe(J("tasks",{...t,cursor:l})))},Si);return()=>clearInterval(u)},[n,l,s]),s||!(l||r>0&&!e)?null:i`<p class="empty" role="status">No match on ${W(r+1,"page")} so far. Looking further back…
    <button type="button" onClick=${()=>a({sought:n,pages:r,stopped:!0})}>Stop</button>
  </p>`}function Ai({data:t,filters:e,selected:n,select:o,unfiltered:a}){let{tasks:r,next_cursor:s}=t;return r.length===0&&!s&&a&&!e.cursor?i`<${Mt} />`:i`
    ${r.length===0?i`<p class="empty">${s?"No task on this page matches. Older ones may.":"No task matches."} ${!a&&i`<a href=${J("tasks",{labels:[]})}>Show all</a>`}</p>`:i`<${mt} tasks=${r} selected=${n} onSelect=${o} />`}
    <nav class="pages" aria-label="Pages">
      ${e.cursor&&i`<a href=${J("tasks",{...e,cursor:""})}>« Newest</a>`}
      ${s&&i`<a rel="next" data-next href=${J("tasks",{...e,cursor:s})}>Older »</a>`}
    </nav>
  `}function Oi({chosen:t,filters:e,done:n,clear:o}){let{state:a}=e;if(t.length===0)return i`<div class="actions">
      ${(a===""||Tt(a))&&i`<button type="button" onClick=${()=>or(e).then(n)}>Cancel all that match…</button>`}
      ${a==="failed"&&i`<button type="button" onClick=${()=>be(e).then(n)}>Redrive all that match…</button>`}
      <span class="faint">or select some</span>
    </div>`;let r=l=>t.filter(u=>l(u.state)).map(({id:u})=>u),s=(l,u,d)=>i`<button type="button" disabled=${d.length===0} onClick=${()=>tr(l,d).then(n)}>${u} ${d.length}</button>`;return i`<div class="actions chosen" role="toolbar" aria-label="Selected tasks">
    <strong>${W(t.length,"task")} selected</strong>
    ${s("cancel","Cancel",r(Tt))}
    ${s("run","Run now",r(Dt))}
    ${s("retry","Retry",r(ye))}
    <button type="button" class="quiet" onClick=${o}>Clear</button>
  </div>`}function Ci({parts:[t,e],query:n}){return t===void 0?["Overview",i`<${Tr} />`]:t==="tasks"&&e?[e,i`<${Gr} key=${e} id=${e} />`]:t==="tasks"?["Tasks",i`<${na} query=${n} />`]:t==="dead"?["Dead letters",i`<${cr} query=${n} />`]:t==="queues"&&e?[e,i`<${Pr} key=${e} name=${e} />`]:t==="queues"?["Queues",i`<${Nr} />`]:t==="schedules"&&e==="new"?["New schedule",i`<${Lr} />`]:t==="schedules"&&e?[e,i`<${Rr} key=${e} name=${e} />`]:t==="schedules"?["Schedules",i`<${Ir} query=${n} />`]:t==="submit"?["Submit",i`<${Fr} query=${n} />`]:t==="about"?["About",i`<${zo} />`]:["Nothing here",i`<h1>Nothing here</h1><p>There is no such screen. <a href=${b([])}>To the overview</a></p>`]}function Ei(){let t=w(me),e=w(Z).value!==null,[n,o]=Ci(t),a=t.parts.join("/");P(()=>{document.title=`${n} \xB7 Taskway`},[n]),P(()=>window.scrollTo(0,0),[a]);let r=Nt&&!e,s=j(!1);return s.current||=!r,s.current?i`
    ${r&&i`<${bn} />`}
    <div class="whole" hidden=${r}>
    <${Qo} here=${t.parts[0]??""}><${jn} key=${a}>${o}<//><//>
    <${Wo} /><${Ko} /><${Ho} /><${Jo} />
    </div>
  `:i`<${bn} />`}var jn=class extends yt{componentDidCatch(e){console.error(e),this.setState({fault:e})}render({children:e},{fault:n}){return n?i`<${T} problem=${n} retry=${()=>this.setState({fault:null})} />`:e}};Oo();_n();H.listen(({down:t})=>!t&&!B.get()&&_n());var oa=document.getElementById("app");oa.textContent="";Ve(i`<${Ei} />`,oa);
